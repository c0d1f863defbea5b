// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.verification;

import java.util.Optional;
import java.util.function.LongConsumer;
import org.plurality.cache.Cache;
import org.plurality.failure.PluralityException;
import org.plurality.health.events.Event;
import org.plurality.health.events.EventLog;
import org.plurality.reference.Digest;

/** Verifies an image and records the result: a mark with the time, and an event if the image is damaged. */
public final class Inspection {
    private final Verifier verifier;
    private final VerificationMarks marks;
    private final EventLog log;

    /** @param progress receives the number of bytes after each read from a file */
    public Inspection(Cache cache, EventLog log, LongConsumer progress) {
        this.verifier = new Verifier(cache, progress);
        this.marks = new VerificationMarks(cache.layout());
        this.log = log;
    }

    /** @return empty if there is no such image, or it was removed during the verification */
    public Optional<Verified> inspect(Digest digest, boolean deep) throws PluralityException {
        Optional<Verified> verified = verifier.verify(digest, deep);
        if (verified.isPresent()) {
            Verified found = verified.get();
            if (deep || !found.isWhole()) {
                marks.write(found);
            }
            if (!found.isWhole()) {
                String name = found.document()
                        .flatMap(document -> document.references().stream().findFirst())
                        .orElse("");
                log.log(Event.Kind.DAMAGED, digest.toString(), name, 0, 0, found.summary());
            }
        }
        return verified;
    }
}
