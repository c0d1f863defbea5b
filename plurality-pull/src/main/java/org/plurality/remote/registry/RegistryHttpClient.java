// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.PluralityException;

/**
 * Performs HTTP requests to one registry for every endpoint: credentials, redirects, retries and status.
 *
 * <p>{@code Authorization} is sent only to the registry's own scheme, host and port, even after redirects. A redirect
 * from https to http is refused. Thread-safe.
 */
final class RegistryHttpClient {
    private static final int MAX_REDIRECTS = 5;
    private static final int MAX_RENEWALS = 2;

    /** Number of requests without any answer after which no further attempt is made: each waits for a long time. */
    private static final int MAX_SILENCES = 2;

    private static final int MAX_ERROR_BYTES = 16 << 10;

    private final HttpClients clients;
    private final @Nullable Origin home;
    private final Authorizer authorizer;
    private final RetryPolicy patience;
    private final RegistryErrors failures;
    private final HttpTrace trace;

    RegistryHttpClient(
            HttpClients clients,
            @Nullable Origin home,
            Authorizer authorizer,
            RetryPolicy patience,
            RegistryErrors failures,
            HttpTrace trace) {
        this.clients = clients;
        this.home = home;
        this.authorizer = authorizer;
        this.patience = patience;
        this.failures = failures;
        this.trace = trace;
    }

    /** Returns a copy that sends no credentials to any host. */
    RegistryHttpClient anonymous() {
        return new RegistryHttpClient(clients, null, authorizer, patience, failures, trace);
    }

    RegistryErrors failures() {
        return failures;
    }

    Attempts attempts() {
        return new Attempts(patience);
    }

    ThroughputGuard pace() {
        return new ThroughputGuard(patience);
    }

    /**
     * Gets a URL, with as many attempts as the policy allows.
     *
     * @param action {@code cannot fetch …}, for errors
     * @return a success (2xx) with its body unread, which the caller closes
     */
    Response get(HttpUrl url, Headers headers, String action) throws PluralityException {
        return get(url, headers, action, false).orElseThrow(() -> new IllegalStateException("is thrown instead"));
    }

    /**
     * Gets a URL if the registry accepts a request with these headers.
     *
     * @return empty if the registry answers with a status that the headers may have caused
     */
    Optional<Response> getIfTaken(HttpUrl url, Headers headers, String action) throws PluralityException {
        return get(url, headers, action, true);
    }

    private Optional<Response> get(HttpUrl url, Headers headers, String action, boolean mayBeRefused)
            throws PluralityException {
        Attempts attempts = attempts();
        int silences = 0;
        while (true) {
            PluralityException failure;
            Optional<Duration> retryAfter = Optional.empty();
            boolean isRefusal = false;
            try {
                Response response = follow(url, headers, action);
                if (response.isSuccessful()) {
                    return Optional.of(response);
                }
                try (response) {
                    failure = failures.status(action, response.code(), text(response));
                    // The headers cause neither 401 nor 429.
                    isRefusal = mayBeRefused && response.code() != 401 && response.code() != 429;
                    if (!RegistryErrors.isTransient(response.code())) {
                        if (isRefusal) {
                            return Optional.empty();
                        }
                        throw failure;
                    }
                    retryAfter = retryAfter(response.headers());
                }
            } catch (IOException e) {
                failure = failures.transport(action, url, e);
                silences += e instanceof NoAnswerException ? 1 : 0;
                if (!RegistryErrors.isTransient(e) || silences == MAX_SILENCES) {
                    throw failure;
                }
            }
            if (isRefusal && attempts.isLast()) {
                return Optional.empty();
            }
            attempts.pauseOrThrow(retryAfter, failure);
        }
    }

    private Response follow(HttpUrl start, Headers headers, String action) throws IOException, PluralityException {
        HttpUrl url = start;
        int renewals = 0;
        for (int redirects = 0; redirects <= MAX_REDIRECTS; ) {
            boolean atHome = Origin.of(url).equals(home);
            String authorization = atHome ? authorizer.current() : null;
            Response response = send(url, headers, authorization);
            if (response.code() == 401 && atHome && renewals++ < MAX_RENEWALS) {
                try (response) {
                    if (!authorizer.renew(authorization, Challenge.of(response))) {
                        throw failures.notAuthorised(
                                action,
                                authorizer.isKnownUser()
                                        ? "the registry does not take these credentials"
                                        : "the registry wants credentials and none were found" + authorizer.problem());
                    }
                }
                continue;
            }
            if (!isRedirect(response.code())) {
                return response;
            }
            try (response) {
                url = target(url, response.header("Location"), action);
            }
            redirects++;
        }
        throw failures.network(action + ": more than " + MAX_REDIRECTS + " redirects", "ask who runs it", null);
    }

    private Response send(HttpUrl url, Headers headers, @Nullable String authorization)
            throws IOException, PluralityException {
        Request.Builder request = new Request.Builder()
                .url(url)
                .headers(headers)
                // Otherwise OkHttp asks for gzip, and lengths and ranges no longer refer to the blob.
                .header("Accept-Encoding", "identity")
                .header("User-Agent", "plurality");
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        long began = System.nanoTime();
        Response response = clients.execute(request.build());
        trace.exchange("GET", url, response.code(), System.nanoTime() - began);
        return response;
    }

    private HttpUrl target(HttpUrl from, @Nullable String location, String action) throws PluralityException {
        HttpUrl target = location == null ? null : from.resolve(location);
        if (target == null) {
            throw failures.network(action + ": the registry redirects to nowhere", "ask who runs it", null);
        }
        if (from.isHttps() && !target.isHttps()) {
            throw failures.network(
                    action + ": the registry redirects from https to plain http on " + target.host(),
                    "this is never followed; ask who runs the registry to redirect to https",
                    null);
        }
        return target;
    }

    private static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    /**
     * Parses Retry-After: seconds, or a date, which is compared with the registry's own clock if the answer contains
     * it.
     */
    static Optional<Duration> retryAfter(Headers headers) {
        String value = headers.get("Retry-After");
        if (value == null || value.isEmpty()) {
            return Optional.empty();
        }
        if (value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            // More digits could overflow a long. 999,999,999 s, 31 years, exceed every limit on pauses.
            return Optional.of(Duration.ofSeconds(value.length() > 9 ? 999_999_999 : Long.parseLong(value)));
        }
        Instant then = headers.getInstant("Retry-After");
        if (then == null) {
            return Optional.empty();
        }
        Instant now = headers.getInstant("Date");
        Duration pause = Duration.between(now == null ? Clock.systemUTC().instant() : now, then);
        return Optional.of(pause.isNegative() ? Duration.ZERO : pause);
    }

    private String text(Response response) {
        try (InputStream body = response.body().byteStream()) {
            return new String(pace().readSome(body, MAX_ERROR_BYTES), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }
}
