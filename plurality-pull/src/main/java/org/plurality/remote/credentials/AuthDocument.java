// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.credentials;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An auth file as it stands (containers-auth.json(5), Docker's config.json); Docker keeps much else in it. */
record AuthDocument(
        @Nullable Map<String, Entry> auths,
        @Nullable Map<String, String> credHelpers,
        @Nullable String credsStore) {

    /** The credentials of one registry or namespace. */
    record Entry(
            @Nullable String auth,
            @Nullable String username,
            @Nullable String password,
            @Nullable String identitytoken) {
        /** Not shown: it holds secrets. */
        @Override
        public String toString() {
            return "(secret)";
        }
    }

    Map<String, Entry> allAuths() {
        return auths == null ? Map.of() : auths;
    }

    /** The helper of a registry; null when none is named, empty when its credentials stand in the file. */
    @Nullable
    String helper(String registry, String server) {
        if (credHelpers == null) {
            return null;
        }
        String helper = credHelpers.get(registry);
        // Docker's own key for its hub.
        return helper == null ? credHelpers.get(server) : helper;
    }

    String store() {
        return credsStore == null ? "" : credsStore.strip();
    }
}
