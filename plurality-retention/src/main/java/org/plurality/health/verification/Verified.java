// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.verification;

import java.util.List;
import java.util.Optional;
import org.plurality.cache.EntryDocument;
import org.plurality.reference.Digest;

/**
 * The result of verifying one image.
 *
 * @param document the image's document; empty if the document itself is damaged
 * @param deep whether contents were read
 * @param bytesRead bytes of contents that were read
 * @param files number of names in the root filesystem that were compared
 * @param damage the first differences; empty if the image is whole
 * @param damages number of all differences
 */
public record Verified(
        Digest digest,
        Optional<EntryDocument> document,
        boolean deep,
        long bytesRead,
        long files,
        List<Damage> damage,
        long damages) {
    public Verified {
        damage = List.copyOf(damage);
    }

    public boolean isWhole() {
        return damages == 0;
    }

    /** Returns the publication that was verified, or a placeholder if its document cannot be read. */
    public String publication() {
        return document.map(EntryDocument::publication).orElse("unreadable");
    }

    /** Returns the result in one line, for lists and logs. */
    public String summary() {
        if (isWhole()) {
            return "ok";
        }
        return damage.get(0) + (damages > 1 ? ", and " + (damages - 1) + " more" : "");
    }
}
