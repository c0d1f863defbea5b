package org.plurality.registry;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import okhttp3.FormBody;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.Response;
import org.plurality.credentials.Credentials;
import org.plurality.credentials.Secret;
import org.plurality.failure.PluralityException;
import org.plurality.json.JsonObject;

/**
 * Fetches tokens from the realm that a registry names, once that is found to be fit for credentials: https, or http where the registry
 * itself is spoken to so and the realm is the same host or allowed too. Redirects are refused.
 *
 * <p>Specification: Docker's token authentication (GET) and its OAuth2 form (POST, for identity tokens).
 */
final class TokenServer {
    private static final int MAX_BYTES = 1 << 20;

    /** What Docker's specification says of a token that does not say itself. */
    private static final long DEFAULT_LIFE_SECONDS = 60;

    private static final String CLIENT = "plurality";

    private final HttpClients clients;
    private final HttpUrl registry;
    private final InsecureRegistries insecure;
    private final Patience patience;
    private final Failures failures;
    private final HttpTrace trace;

    TokenServer(
            HttpClients clients,
            HttpUrl registry,
            InsecureRegistries insecure,
            Patience patience,
            Failures failures,
            HttpTrace trace) {
        this.clients = clients;
        this.registry = registry;
        this.insecure = insecure;
        this.patience = patience;
        this.failures = failures;
        this.trace = trace;
    }

    /** A token and how long it may be used. */
    record Token(Secret value, Duration life) {}

    Token fetch(Challenge.Bearer challenge, String scope, Credentials credentials) throws PluralityException {
        String action = "cannot get a token for " + registry.host();
        Request request = request(realm(action, challenge), challenge.service(), scope, credentials);
        Attempts attempts = new Attempts(patience);
        while (true) {
            PluralityException failure;
            long began = System.nanoTime();
            try (Response response = clients.execute(request)) {
                trace.exchange(request.method(), request.url(), response.code(), System.nanoTime() - began);
                String body;
                try (InputStream stream = response.body().byteStream()) {
                    body = new String(new Pace(patience).readSome(stream, MAX_BYTES), StandardCharsets.UTF_8);
                }
                if (response.isSuccessful()) {
                    return token(action, body);
                }
                failure = response.code() == 400 || response.code() == 404
                        ? failures.notAuthorised(action, "the token server answers " + response.code())
                        : failures.status(action, response.code(), "");
                if (!Failures.isTransient(response.code())) {
                    throw failure;
                }
            } catch (IOException e) {
                failure = failures.transport(action, request.url(), e);
                if (!Failures.isTransient(e)) {
                    throw failure;
                }
            }
            attempts.pauseOrThrow(Optional.empty(), failure);
        }
    }

    private HttpUrl realm(String action, Challenge.Bearer challenge) throws PluralityException {
        HttpUrl realm = HttpUrl.parse(challenge.realm());
        if (realm == null) {
            throw failures.notAuthorised(action, "the registry names a token server that is no URL");
        }
        boolean plainAllowed = !registry.isHttps() && (realm.host().equals(registry.host()) || insecure.allow(realm));
        if (!realm.isHttps() && !plainAllowed) {
            throw failures.notAuthorised(
                    action, "its token server " + realm.host() + " is plain http, to which credentials are not sent");
        }
        if (!realm.username().isEmpty() || !realm.password().isEmpty()) {
            throw failures.notAuthorised(action, "the registry names a token server with a user in its URL");
        }
        return realm;
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

    private Token token(String action, String body) throws PluralityException {
        try {
            JsonObject json = JsonObject.parse(body.getBytes(StandardCharsets.UTF_8));
            String token = json.optionalString("token");
            if (token == null || token.isEmpty()) {
                token = json.string("access_token");
            }
            if (!token.chars().allMatch(c -> c > ' ' && c < 127)) {
                throw new IOException("the token has characters that a header may not have");
            }
            long life = json.has("expires_in") ? json.number("expires_in") : DEFAULT_LIFE_SECONDS;
            return new Token(new Secret(token), Duration.ofSeconds(Math.clamp(life, 1, 86_400)));
        } catch (IOException e) {
            // The message of the JSON parser would show part of the document.
            throw failures.network(
                    action + ": the token server's answer is not understood",
                    "try again later, or ask who runs " + registry.host(),
                    null);
        }
    }
}
