package org.plurality.verification;

import java.util.Optional;
import java.util.function.LongConsumer;
import org.plurality.cache.Cache;
import org.plurality.events.Event;
import org.plurality.events.EventLog;
import org.plurality.failure.PluralityException;
import org.plurality.reference.Digest;

/** Verifies an image, and leaves word of it: a mark of when, an event where it is damaged. */
public final class Inspection {
    private final Verifier verifier;
    private final VerificationMarks marks;
    private final EventLog log;

    /** @param progress is told of each part of a file that was read, in bytes */
    public Inspection(Cache cache, EventLog log, LongConsumer progress) {
        this.verifier = new Verifier(cache, progress);
        this.marks = new VerificationMarks(cache.layout());
        this.log = log;
    }

    /** @return empty when there is no such image, or no longer */
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
