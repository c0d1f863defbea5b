// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.credentials;

/** What is shown to a registry when it asks who one is. */
public sealed interface Credentials {
    /**
     * Nothing is known for that registry.
     *
     * @param problem what kept a helper from saying so, in words; empty when nothing did
     */
    record Anonymous(String problem) implements Credentials {
        public Anonymous() {
            this("");
        }
    }

    /** A user's name and password, or an access token in the password's place. */
    record Password(String user, Secret password) implements Credentials {}

    /** An OAuth2 refresh token that the registry's token server exchanges. */
    record IdentityToken(Secret token) implements Credentials {}
}
