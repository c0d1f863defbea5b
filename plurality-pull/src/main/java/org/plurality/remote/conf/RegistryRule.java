// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.conf;

import java.util.List;
import java.util.Optional;
import org.plurality.reference.ImageReference;

/**
 * One {@code [[registry]]}.
 *
 * @param prefix of names that it speaks of: {@code HOST[:PORT][/NAMESPACE…]}, or {@code *.DOMAIN}
 * @param location that replaces the prefix; empty for none
 */
record RegistryRule(
        String prefix, String location, boolean insecure, boolean blocked, boolean digestsOnly, List<Mirror> mirrors) {
    RegistryRule {
        mirrors = List.copyOf(mirrors);
    }

    /** Which pulls go to a mirror. */
    enum PullFrom {
        ALL,
        DIGEST_ONLY,
        TAG_ONLY
    }

    /** One {@code [[registry.mirror]]}. */
    record Mirror(String location, boolean insecure, PullFrom pullFrom) {
        boolean serves(ImageReference reference, boolean digestsOnly) {
            boolean byDigest = reference.digest() != null;
            return switch (pullFrom) {
                case ALL -> byDigest || !digestsOnly;
                case DIGEST_ONLY -> byDigest;
                case TAG_ONLY -> !byDigest;
            };
        }
    }

    /** How many characters of a name the prefix takes; -1 when it does not speak of it. */
    int matched(String name) {
        if (prefix.startsWith("*.")) {
            int slash = name.indexOf('/');
            String host = slash < 0 ? name : name.substring(0, slash);
            int colon = host.lastIndexOf(':');
            String domain = colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
            return domain.endsWith(prefix.substring(1)) ? host.length() : -1;
        }
        boolean matches =
                name.equals(prefix) || (name.startsWith(prefix) && "/:@".indexOf(name.charAt(prefix.length())) >= 0);
        return matches ? prefix.length() : -1;
    }

    /** The name with the prefix replaced; empty when the result is no image's name. */
    static Optional<ImageReference> rewritten(ImageReference reference, int matched, String location) {
        if (location.isEmpty()) {
            return Optional.of(reference);
        }
        String name = location + (reference.registry() + "/" + reference.repository()).substring(matched);
        int slash = name.indexOf('/');
        try {
            return Optional.of(new ImageReference(
                    name.substring(0, Math.max(0, slash)),
                    name.substring(slash + 1),
                    reference.tag(),
                    reference.digest()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
