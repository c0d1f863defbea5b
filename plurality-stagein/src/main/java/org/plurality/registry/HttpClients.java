package org.plurality.registry;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import okhttp3.Call;
import okhttp3.ConnectionSpec;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.PluralityException;

/**
 * The HTTP clients of one run: one for plain http, and one for https that is made, with its certificates, when first needed. Neither
 * follows redirects, keeps cookies or stores answers. For any number of threads.
 */
public final class HttpClients {
    private final CertificateBundles certificates;
    private final OkHttpClient plain;
    private @Nullable OkHttpClient tls;

    public HttpClients(Patience patience, CertificateBundles certificates, EnvironmentProxies proxies) {
        this.certificates = certificates;
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

    Call newCall(Request request) throws PluralityException {
        return (request.isHttps() ? tls() : plain).newCall(request);
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
