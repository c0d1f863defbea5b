// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import okhttp3.FormBody;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.plurality.document.Documents;
import org.plurality.failure.PluralityException;
import org.plurality.remote.credentials.Credentials;
import org.plurality.remote.credentials.Secret;

/**
 * Fetches tokens from the realm that a registry names.
 *
 * <p>In Docker's protocol the registry decides where the user's secret is sent. The secret is only sent over https, or
 * over plain http to the registry's own origin and, if the registry itself uses plain http, to hosts for which the
 * user allowed plain http. It is never sent to a URL with a user in it, nor to the target of a redirect. If the realm
 * is on a host of another domain than the registry, the user sees a note. Without credentials, a realm on the host of
 * a registry that uses plain http may use plain http, too.
 *
 * <p>Specification: Docker's token authentication (GET) and its OAuth2 form (POST, for identity tokens).
 */
final class TokenServer {
    private static final int MAX_BYTES = 1 << 20;

    /** The lifetime that Docker's specification gives a token without {@code expires_in}. */
    private static final long DEFAULT_LIFE_SECONDS = 60;

    private static final String CLIENT = "plurality";

    private final HttpClients clients;
    private final HttpUrl registry;
    private final InsecureRegistries insecure;
    private final RetryPolicy patience;
    private final RegistryErrors failures;
    private final HttpTrace trace;
    private final Set<String> told = ConcurrentHashMap.newKeySet();

    TokenServer(
            HttpClients clients,
            HttpUrl registry,
            InsecureRegistries insecure,
            RetryPolicy patience,
            RegistryErrors failures,
            HttpTrace trace) {
        this.clients = clients;
        this.registry = registry;
        this.insecure = insecure;
        this.patience = patience;
        this.failures = failures;
        this.trace = trace;
    }

    /** A token and its lifetime. */
    record Token(Secret value, Duration life) {}

    Token fetch(Challenge.Bearer challenge, String scope, Credentials credentials) throws PluralityException {
        String action = "cannot get a token for " + registry.host();
        HttpUrl realm = realm(action, challenge, credentials);
        Request request = request(realm, challenge.service(), scope, credentials);
        Attempts attempts = new Attempts(patience);
        while (true) {
            PluralityException failure;
            long began = System.nanoTime();
            try (Response response = clients.execute(request)) {
                trace.exchange(request.method(), request.url(), response.code(), System.nanoTime() - began);
                byte[] body;
                try (InputStream stream = response.body().byteStream()) {
                    body = new ThroughputGuard(patience).readSome(stream, MAX_BYTES);
                }
                if (response.isSuccessful()) {
                    return token(action, body);
                }
                failure = response.code() == 400 || response.code() == 404
                        ? failures.notAuthorised(action, "the token server answers " + response.code())
                        : failures.status(action, response.code(), "");
                if (!RegistryErrors.isTransient(response.code())) {
                    throw failure;
                }
            } catch (IOException e) {
                failure = failures.transport(action, request.url(), e);
                if (!RegistryErrors.isTransient(e)) {
                    throw failure;
                }
            }
            attempts.pauseOrThrow(Optional.empty(), failure);
        }
    }

    private HttpUrl realm(String action, Challenge.Bearer challenge, Credentials credentials)
            throws PluralityException {
        HttpUrl realm = HttpUrl.parse(challenge.realm());
        if (realm == null) {
            throw failures.notAuthorised(action, "the registry names a token server that is no URL");
        }
        boolean isSecret = !(credentials instanceof Credentials.Anonymous);
        boolean isOwn = isSecret
                ? Origin.of(realm).equals(Origin.of(registry))
                : realm.host().equals(registry.host());
        boolean plainAllowed = !registry.isHttps() && (isOwn || insecure.allow(realm));
        if (!realm.isHttps() && !plainAllowed) {
            throw failures.notAuthorised(
                    action, "its token server " + realm.host() + " is plain http, to which credentials are not sent");
        }
        if (!realm.username().isEmpty() || !realm.password().isEmpty()) {
            throw failures.notAuthorised(action, "the registry names a token server with a user in its URL");
        }
        if (isSecret && !isOfRegistry(realm) && told.add(realm.host())) {
            trace.note("the credentials of " + registry.host() + " are sent to its token server on " + realm.host());
        }
        return realm;
    }

    /** Tells whether the owner of the registry's domain also owns the realm's domain. */
    private boolean isOfRegistry(HttpUrl realm) {
        String domain = registry.topPrivateDomain();
        return realm.host().equals(registry.host()) || (domain != null && domain.equals(realm.topPrivateDomain()));
    }

    void note(String note) {
        trace.note(note);
    }

    private static Request request(HttpUrl realm, String service, String scope, Credentials credentials) {
        Request.Builder request = new Request.Builder().header("Accept-Encoding", "identity");
        if (credentials instanceof Credentials.IdentityToken identity) {
            return request.url(realm)
                    .post(new FormBody.Builder()
                            .add("grant_type", "refresh_token")
                            .add("service", service)
                            .add("scope", scope)
                            .add("client_id", CLIENT)
                            .add("refresh_token", identity.token().reveal())
                            .build())
                    .build();
        }
        HttpUrl.Builder url = realm.newBuilder();
        if (!service.isEmpty()) {
            url.setQueryParameter("service", service);
        }
        if (!scope.isEmpty()) {
            url.setQueryParameter("scope", scope);
        }
        if (credentials instanceof Credentials.Password password) {
            url.setQueryParameter("account", password.user());
            request.header("Authorization", Authorizer.basic(password));
        }
        return request.url(url.build()).build();
    }

    /** The answer of a token server. */
    private record TokenDocument(
            @Nullable String token,
            @Nullable @JsonProperty("access_token") String accessToken,
            @Nullable @JsonProperty("expires_in") Long expiresIn) {
        /** Hides the secret. */
        @Override
        public String toString() {
            return "(secret)";
        }
    }

    private Token token(String action, byte[] body) throws PluralityException {
        try {
            TokenDocument document = Documents.read(body, TokenDocument.class);
            String token =
                    document.token() == null || document.token().isEmpty() ? document.accessToken() : document.token();
            if (token == null || !token.chars().allMatch(c -> c > ' ' && c < 127)) {
                throw new IOException("it has no token, or one that a header may not have");
            }
            long life = document.expiresIn() == null ? DEFAULT_LIFE_SECONDS : document.expiresIn();
            return new Token(new Secret(token), Duration.ofSeconds(Math.clamp(life, 1, 86_400)));
        } catch (IOException e) {
            throw failures.network(
                    action + ": the token server's answer is not understood",
                    "try again later, or ask who runs " + registry.host(),
                    null);
        }
    }
}
