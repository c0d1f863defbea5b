// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.PluralityException;
import org.plurality.remote.credentials.CredentialSource;
import org.plurality.remote.credentials.Credentials;

/**
 * The {@code Authorization} for pulling from one repository: kept, renewed when the registry no longer takes it, and
 * shared by the threads that fetch layers, so that one renewal serves all. Credentials are looked for only once a
 * registry asks.
 */
final class Authorizer {
    /** A token is not used in its last seconds: the request that it starts with could outlive it. */
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
     * @param repository whose credentials are looked for
     * @param scope what tokens must allow; empty for nothing but to be known
     */
    Authorizer(String registry, String repository, String scope, CredentialSource source, TokenServer tokens) {
        this.registry = registry;
        this.repository = repository;
        this.scope = scope;
        this.source = source;
        this.tokens = tokens;
    }

    /** The header's value to begin with; null before the registry asked. */
    synchronized @Nullable String current() throws PluralityException {
        if (challenge instanceof Challenge.Bearer bearer && System.nanoTime() - bestBeforeNanos > 0) {
            refresh(bearer);
        }
        return authorization;
    }

    /**
     * After a 401: finds another value.
     *
     * @param rejected what was sent
     * @param asked the challenge that came with it; when there is none, as some send once a token wore out, the last
     *     one counts
     * @return false when there is nothing else to show
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

    /** Whether anything but anonymity was shown. */
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

    /** Why no credentials were found, in words that follow others; empty when nothing went wrong. */
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
