// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.diagnosis;

import java.time.Duration;
import java.util.List;

/** How long a client of NFS believes what it remembers of files and directories, by its mount options (nfs(5)). */
final class AttributeCache {
    private static final Duration USUAL = Duration.ofSeconds(60);

    private final Duration longest;

    private AttributeCache(Duration longest) {
        this.longest = longest;
    }

    /**
     * @param options as /proc/self/mounts shows them; {@code actimeo} is spelled there as the four times that it sets
     */
    static AttributeCache of(List<String> options) {
        if (options.contains("noac")) {
            return new AttributeCache(Duration.ZERO);
        }
        return new AttributeCache(longer(option(options, "acregmax=", USUAL), option(options, "acdirmax=", USUAL)));
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    private static Duration option(List<String> options, String name, Duration usual) {
        for (String option : options) {
            if (option.startsWith(name) && option.substring(name.length()).matches("[0-9]{1,9}")) {
                return Duration.ofSeconds(Long.parseLong(option.substring(name.length())));
            }
        }
        return usual;
    }

    /** @param wait of expiry before it deletes files */
    Finding finding(String area, Duration wait) {
        String found = "clients believe what they remember for " + longest.toSeconds() + " s; expire_wait is "
                + wait.toSeconds() + " s";
        return wait.compareTo(longest) > 0
                ? Finding.ok(area, "attribute cache", found)
                : Finding.problem(
                        area,
                        "attribute cache",
                        found,
                        "an expiry can delete what a launch on another host is about to use: set expire_wait to more"
                                + " than "
                                + longest.toSeconds() + "s, or mount with a smaller acregmax and acdirmax");
    }
}
