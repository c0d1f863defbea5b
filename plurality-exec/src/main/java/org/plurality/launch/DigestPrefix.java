// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plurality.cache.Cache;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.reference.Digest;

/** The beginning of a digest, four digits at least, in place of an image's name. It lists a cache, so names are tried first. */
final class DigestPrefix {
    private static final int LEAST = 4;
    private static final int WHOLE = 64;

    private DigestPrefix() {}

    /** Where the one image is whose digest begins so. */
    record Found(Cache cache, Digest digest) {}

    /** The digits, when it can be the beginning of a digest and is not a whole one. */
    static @Nullable String of(String image) {
        String digits = image.startsWith("sha256:") ? image.substring("sha256:".length()) : image;
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return null;
            }
        }
        return digits.length() >= LEAST && digits.length() < WHOLE ? digits : null;
    }

    /** @throws PluralityException (USAGE) when several images begin so */
    static Optional<Found> find(String image, String prefix, List<Cache> caches) throws PluralityException {
        Found found = null;
        for (Cache cache : caches) {
            for (Digest digest : cache.digests()) {
                if (!digest.hex().startsWith(prefix)
                        || (found != null && found.digest().equals(digest))) {
                    continue;
                }
                if (found != null) {
                    throw new PluralityException(
                            FailureKind.USAGE,
                            "cannot tell which image '" + image + "' is: more than one digest begins so",
                            "give more of the digest; 'plurality-stagein list' shows them");
                }
                found = new Found(cache, digest);
            }
        }
        return Optional.ofNullable(found);
    }
}
