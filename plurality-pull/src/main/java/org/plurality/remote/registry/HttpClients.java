// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.ConnectionSpec;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.plurality.failure.PluralityException;

/**
 * The HTTP clients of one run: one for plain http, and one for https that is made, with its certificates, when first
 * needed, as is one for each host with certificates of its own. Neither follows redirects, keeps cookies or stores
 * answers. For any number of threads.
 */
public final class HttpClients implements AutoCloseable {
    private final RetryPolicy patience;
    private final CertificateBundles certificates;
    private final EnvironmentProxies proxies;
    private final ScheduledThreadPoolExecutor limits = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("limits").factory());
    private final OkHttpClient plain;
    private final Map<String, OkHttpClient> tls = new HashMap<>();

    public HttpClients(RetryPolicy patience, CertificateBundles certificates, EnvironmentProxies proxies) {
        this.patience = patience;
        this.certificates = certificates;
        this.proxies = proxies;
        limits.setRemoveOnCancelPolicy(true);
        this.plain = new OkHttpClient.Builder()
                .connectTimeout(patience.connect())
                // Until the answer's head; AnswerWait has shorter limits before.
                .readTimeout(patience.answer().plus(patience.window()))
                .writeTimeout(patience.stall())
                .socketFactory(new KeepAliveSockets())
                .followRedirects(false)
                .followSslRedirects(false)
                .connectionSpecs(List.of(ConnectionSpec.CLEARTEXT))
                .proxySelector(proxies)
                .proxyAuthenticator(proxies.authenticator())
                .build();
    }

    /**
     * Sends a request and waits for the head of its answer, at most as long as patience allows ({@link AnswerWait}).
     * Its body is for the caller to read and close.
     */
    Response execute(Request request) throws IOException, PluralityException {
        proxies.requireUnderstood(request.url());
        OkHttpClient client = request.isHttps() ? tls(request.url()) : plain;
        Call call = client.newCall(request);
        AnswerWait wait = new AnswerWait(call, patience, limits);
        call.addEventListener(wait);
        try {
            Response response = call.execute();
            // From now on bytes have to come.
            response.body().source().timeout().timeout(patience.stall().toMillis(), TimeUnit.MILLISECONDS);
            return response;
        } catch (IOException e) {
            throw wait.reason(e);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            // Kotlin declares no exceptions: this is an InterruptedException.
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } finally {
            wait.end();
        }
    }

    /** Ends the requests under way, from any thread. */
    public synchronized void cancelAll() {
        plain.dispatcher().cancelAll();
        tls.values().forEach(client -> client.dispatcher().cancelAll());
    }

    /**
     * Closes the connections. A JVM that ends waits a third of a second for threads that read from one, as a connection
     * of HTTP/2 has, and a daemon would keep them.
     */
    @Override
    public synchronized void close() {
        limits.shutdownNow();
        plain.connectionPool().evictAll();
        tls.values().forEach(client -> client.connectionPool().evictAll());
    }

    /** One for most hosts, and one for each that has certificates of its own. */
    private synchronized OkHttpClient tls(HttpUrl url) throws PluralityException {
        Optional<Path> directory = certificates.hosts().directory(url);
        String key = directory.map(Path::toString).orElse("");
        OkHttpClient client = tls.get(key);
        if (client == null) {
            X509TrustManager trust = certificates.trustManager(
                    directory.isPresent() ? HostCertificates.authorities(directory.get()) : List.of());
            KeyManager[] keys = directory.isPresent() ? HostCertificates.keyManagers(directory.get()) : null;
            try {
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(keys, new TrustManager[] {trust}, new SecureRandom());
                client = plain.newBuilder()
                        .connectionSpecs(List.of(ConnectionSpec.MODERN_TLS))
                        .sslSocketFactory(context.getSocketFactory(), trust)
                        // Not shared: a connection made with one host's key is no other's.
                        .connectionPool(new ConnectionPool())
                        .build();
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every JDK has TLS", e);
            }
            tls.put(key, client);
        }
        return client;
    }
}
