// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import okhttp3.Authenticator;
import okhttp3.Credentials;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/**
 * Reads {@code HTTPS_PROXY}, {@code HTTP_PROXY} and {@code NO_PROXY}, in upper or lower case, as curl does. {@code
 * NO_PROXY} is {@code *}, or a comma-separated list of hosts, domains, addresses and networks ({@code 10.0.0.0/8}),
 * each with an optional port.
 */
public final class EnvironmentProxies extends ProxySelector {
    private final Map<String, String> environment;

    public EnvironmentProxies(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    @Override
    public List<Proxy> select(URI uri) {
        String host = uri.getHost();
        HttpUrl proxy = proxyFor(String.valueOf(uri.getScheme()));
        if (proxy == null || host == null || isExempt(uri)) {
            return List.of(Proxy.NO_PROXY);
        }
        return List.of(new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(proxy.host(), proxy.port())));
    }

    /**
     * @throws PluralityException (USAGE) if the proxy's value cannot be parsed: connecting without the proxy would
     *     take a route that the user did not choose
     */
    void requireUnderstood(HttpUrl url) throws PluralityException {
        String name = name(url.scheme());
        if (!variable(name).isEmpty() && proxyFor(url.scheme()) == null && !isExempt(url.uri())) {
            // The message omits the value, which may contain a password.
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot reach " + url.host() + ": the proxy in " + name + " is not of the form http://HOST:PORT",
                    "set " + name
                            + " to the address of an HTTP proxy (SOCKS is not spoken), or name the host in NO_PROXY");
        }
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException failure) {
        // The request fails with the same exception.
    }

    /** Answers a proxy's request for authentication once, with the user and password from the proxy's URL. */
    Authenticator authenticator() {
        return (route, response) -> {
            HttpUrl proxy = proxyFor(response.request().url().scheme());
            if (proxy == null
                    || proxy.username().isEmpty()
                    || response.request().header("Proxy-Authorization") != null) {
                return null;
            }
            return response.request()
                    .newBuilder()
                    .header("Proxy-Authorization", Credentials.basic(proxy.username(), proxy.password()))
                    .build();
        };
    }

    private @Nullable HttpUrl proxyFor(String scheme) {
        String value = variable(name(scheme));
        if (value.isEmpty()) {
            return null;
        }
        return HttpUrl.parse(value.contains("://") ? value : "http://" + value);
    }

    private static String name(String scheme) {
        return scheme.equals("https") ? "HTTPS_PROXY" : "HTTP_PROXY";
    }

    private boolean isExempt(URI uri) {
        String host = String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT);
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        int port = uri.getPort() >= 0 ? uri.getPort() : "https".equals(uri.getScheme()) ? 443 : 80;
        for (String part : variable("NO_PROXY").split("[, ]+", -1)) {
            if (!part.isBlank() && new NoProxyEntry(part.strip().toLowerCase(Locale.ROOT)).matches(bare, port)) {
                return true;
            }
        }
        return false;
    }

    private String variable(String name) {
        String value = environment.get(name);
        if (value == null || value.isBlank()) {
            value = environment.get(name.toLowerCase(Locale.ROOT));
        }
        return value == null ? "" : value.strip();
    }
}
