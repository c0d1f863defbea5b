// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.PluralityException;
import org.plurality.remote.credentials.CredentialSource;
import org.plurality.remote.credentials.Credentials;

/**
 * Holds the {@code Authorization} header for pulls from one repository, and renews it when the registry no longer
 * accepts it. The threads that fetch layers share it, so one renewal serves all of them. Credentials are looked up
 * only once a registry asks for them.
 */
final class Authorizer {
    /** Margin before a token's expiry in which the token is not used: it could expire during the request. */
    private static final long SLACK_NANOS = 5_000_000_000L;

    private final String registry;
    private final String repository;
    private final String scope;
    private final CredentialSource source;
    private final TokenServer tokens;

    private @Nullable String authorization;
    private @Nullable Challenge challenge;
    private @Nullable Credentials credentials;
    private long bestBeforeNanos;

    /**
     * @param repository the repository whose credentials are looked up
     * @param scope the access that tokens must allow; empty if only the identity matters
     */
    Authorizer(String registry, String repository, String scope, CredentialSource source, TokenServer tokens) {
        this.registry = registry;
        this.repository = repository;
        this.scope = scope;
        this.source = source;
        this.tokens = tokens;
    }

    /** Returns the header's value for a first attempt, or null if the registry has not asked for one yet. */
    synchronized @Nullable String current() throws PluralityException {
        if (challenge instanceof Challenge.Bearer bearer && System.nanoTime() - bestBeforeNanos > 0) {
            refresh(bearer);
        }
        return authorization;
    }

    /**
     * Finds another value after a 401.
     *
     * @param rejected the value that was sent
     * @param asked the challenge in the 401; if it is missing, as with some registries once a token has expired, the
     *     last challenge is used
     * @return false if there is no other value to send
     */
    synchronized boolean renew(@Nullable String rejected, Optional<Challenge> asked) throws PluralityException {
        if (authorization != null && !authorization.equals(rejected)) {
            return true;
        }
        if (asked.isPresent()) {
            challenge = asked.get();
        }
        return switch (challenge) {
            case Challenge.Bearer bearer -> {
                refresh(bearer);
                yield true;
            }
            case Challenge.Basic _ -> {
                if (!(credentials() instanceof Credentials.Password password)) {
                    yield false;
                }
                authorization = basic(password);
                yield !authorization.equals(rejected);
            }
            case null -> false;
        };
    }

    /** Tells whether requests carry credentials, as opposed to anonymous ones. */
    synchronized boolean isKnownUser() {
        return credentials != null && !(credentials instanceof Credentials.Anonymous);
    }

    private void refresh(Challenge.Bearer bearer) throws PluralityException {
        TokenServer.Token token = tokens.fetch(bearer, scope, credentials());
        authorization = "Bearer " + token.value().reveal();
        bestBeforeNanos = System.nanoTime() + Math.max(token.life().toNanos() - SLACK_NANOS, SLACK_NANOS);
    }

    private Credentials credentials() throws PluralityException {
        if (credentials == null) {
            credentials = source.find(registry, repository);
            if (!problem().isEmpty()) {
                tokens.note("no credentials are shown to " + registry + problem());
            }
        }
        return credentials;
    }

    /** Returns why no credentials were found, as a continuation of a sentence; empty when nothing went wrong. */
    synchronized String problem() {
        return credentials instanceof Credentials.Anonymous anonymous
                        && !anonymous.problem().isEmpty()
                ? ": " + anonymous.problem()
                : "";
    }

    static String basic(Credentials.Password password) {
        return okhttp3.Credentials.basic(password.user(), password.password().reveal(), StandardCharsets.UTF_8);
    }
}
