// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import okhttp3.Response;

/** How a registry wants to be shown who one is: the answer to a request without, or with worn-out, credentials. */
sealed interface Challenge {
    record Basic() implements Challenge {}

    /**
     * @param realm URL of the token server, not yet trusted
     * @param service may be empty
     */
    record Bearer(String realm, String service) implements Challenge {}

    /** Bearer before Basic when both are offered; empty when there is none that is understood. */
    static Optional<Challenge> of(Response response) {
        List<okhttp3.Challenge> challenges = response.challenges();
        Optional<Challenge> basic = Optional.empty();
        for (okhttp3.Challenge challenge : challenges) {
            Map<String, String> parameters = parameters(challenge);
            switch (challenge.scheme().toLowerCase(Locale.ROOT)) {
                case "bearer" -> {
                    String realm = parameters.get("realm");
                    if (realm != null) {
                        return Optional.of(new Bearer(realm, parameters.getOrDefault("service", "")));
                    }
                }
                case "basic" -> basic = Optional.of(new Basic());
                default -> {
                    // Negotiate and others: not spoken here.
                }
            }
        }
        return basic;
    }

    private static Map<String, String> parameters(okhttp3.Challenge challenge) {
        Map<String, String> parameters = new HashMap<>();
        challenge.authParams().forEach((name, value) -> {
            if (name != null) {
                parameters.put(name.toLowerCase(Locale.ROOT), value);
            }
        });
        return parameters;
    }
}
