package org.plurality.registry;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import okhttp3.Call;
import okhttp3.ConnectionSpec;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.PluralityException;

/**
 * The HTTP clients of one run: one for plain http, and one for https that is made, with its certificates, when first needed. Neither
 * follows redirects, keeps cookies or stores answers. For any number of threads.
 */
public final class HttpClients {
    private final Patience patience;
    private final CertificateBundles certificates;
    private final ScheduledThreadPoolExecutor limits = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("limits").factory());
    private final OkHttpClient plain;
    private @Nullable OkHttpClient tls;

    public HttpClients(Patience patience, CertificateBundles certificates, EnvironmentProxies proxies) {
        this.patience = patience;
        this.certificates = certificates;
        limits.setRemoveOnCancelPolicy(true);
        this.plain = new OkHttpClient.Builder()
                .connectTimeout(patience.connect())
                .readTimeout(patience.stall())
                .writeTimeout(patience.stall())
                .followRedirects(false)
                .followSslRedirects(false)
                .connectionSpecs(List.of(ConnectionSpec.CLEARTEXT))
                .proxySelector(proxies)
                .proxyAuthenticator(proxies.authenticator())
                .build();
    }

    /**
     * Sends a request and waits for the head of its answer, at most as long as patience allows. Its body is for the caller to read and close.
     */
    Response execute(Request request) throws IOException, PluralityException {
        Call call = (request.isHttps() ? tls() : plain).newCall(request);
        AtomicBoolean late = new AtomicBoolean();
        // A read's own limit is not enough: a head could come byte by byte.
        Future<?> limit = limits.schedule(
                () -> {
                    late.set(true);
                    call.cancel();
                },
                patience.window().toMillis(),
                TimeUnit.MILLISECONDS);
        try {
            return call.execute();
        } catch (IOException e) {
            throw late.get() ? new SocketTimeoutException("no answer in time") : e;
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            // Kotlin declares no exceptions: this is an InterruptedException.
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } finally {
            limit.cancel(false);
        }
    }

    /** Ends the requests under way, from any thread. */
    public synchronized void cancelAll() {
        plain.dispatcher().cancelAll();
        if (tls != null) {
            tls.dispatcher().cancelAll();
        }
    }

    private synchronized OkHttpClient tls() throws PluralityException {
        if (tls == null) {
            X509TrustManager trust = certificates.trustManager();
            try {
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(null, new TrustManager[] {trust}, new SecureRandom());
                tls = plain.newBuilder()
                        .connectionSpecs(List.of(ConnectionSpec.MODERN_TLS))
                        .sslSocketFactory(context.getSocketFactory(), trust)
                        .build();
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every JDK has TLS", e);
            }
        }
        return tls;
    }
}
