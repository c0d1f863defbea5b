// SPDX-License-Identifier: Apache-2.0
package org.plurality.config;

import java.util.HashMap;
import java.util.Map;

/**
 * The user's home directory where the environment does not name it, as in a job submitted with {@code --export=NONE}.
 */
public final class HomeDirectory {
    private static final String NAME = "HOME";

    private HomeDirectory() {}

    /** Returns the environment, with {@code HOME} from the user's passwd entry if it is unset or empty. */
    public static Map<String, String> in(Map<String, String> environment) {
        return in(environment, System.getProperty("user.home", ""));
    }

    /** @param home of the passwd entry, which is {@code ?} if there is none */
    static Map<String, String> in(Map<String, String> environment, String home) {
        if (!environment.getOrDefault(NAME, "").isBlank() || !home.startsWith("/")) {
            return environment;
        }
        Map<String, String> completed = new HashMap<>(environment);
        completed.put(NAME, home);
        return completed;
    }
}
