package org.plurality.verification;

import java.util.List;
import java.util.Optional;
import org.plurality.cache.EntryDocument;
import org.plurality.reference.Digest;

/**
 * What came of a look at one image.
 *
 * @param document empty when it is what is damaged
 * @param deep whether contents were read
 * @param bytesRead of contents
 * @param files names in the root filesystem that were compared
 * @param damage the first of what was found; empty when the image is whole
 * @param damages how much in all
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

    /** The publication that was looked at; a word that none has, where its document cannot be read. */
    public String publication() {
        return document.map(EntryDocument::publication).orElse("unreadable");
    }

    /** In one line, for lists and logs. */
    public String summary() {
        if (isWhole()) {
            return "ok";
        }
        return damage.get(0) + (damages > 1 ? ", and " + (damages - 1) + " more" : "");
    }
}
