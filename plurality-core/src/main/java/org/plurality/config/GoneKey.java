// SPDX-License-Identifier: Apache-2.0
package org.plurality.config;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A key that an earlier version had. If a file or the environment still sets it, the error says since when it no
 * longer exists and what to write instead: a setting that silently has no effect is worse than an error.
 *
 * @param key its name in {@code plurality.toml}
 * @param since the first version without it
 * @param instead what to do now, as the rest of a sentence: {@code write 'share' instead}
 */
record GoneKey(String key, String since, String instead) {
    /**
     * All removed keys. A commit that removes a key from {@link Key} adds a line here. None has been removed so far.
     */
    static final List<GoneKey> ALL = List.of();

    GoneKey {
        if (key.isEmpty() || since.isEmpty() || instead.isEmpty()) {
            throw new IllegalArgumentException("a key that is gone has a name, a version and something in its place");
        }
        if (Key.of(key) != null) {
            throw new IllegalArgumentException("'" + key + "' is not gone");
        }
    }

    static @Nullable GoneKey of(String key, List<GoneKey> gone) {
        for (GoneKey candidate : gone) {
            if (candidate.key.equals(key)) {
                return candidate;
            }
        }
        return null;
    }

    String environmentName() {
        return "PLURALITY_" + key.toUpperCase(Locale.ROOT);
    }

    /** Returns the part of the error message that follows the key's name. */
    String explanation() {
        return "is gone since version " + since + ", " + instead;
    }
}
