package org.plurality.config;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A key that an earlier version had. Whoever still sets it, in a file or in the environment, is told since when it is gone and what to write
 * instead: a setting that silently means nothing any more is worse than an error.
 *
 * @param key its name in {@code plurality.toml}
 * @param since the first version without it
 * @param instead what to do now, the rest of a sentence: {@code write 'share' instead}
 */
record GoneKey(String key, String since, String instead) {
    /** All of them; a key that is taken out of {@link Key} gets a line here in the same commit. None has gone so far. */
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

    /** What is said behind its name. */
    String explanation() {
        return "is gone since version " + since + ", " + instead;
    }
}
