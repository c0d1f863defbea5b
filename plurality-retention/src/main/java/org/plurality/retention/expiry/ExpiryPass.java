// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.expiry;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import org.plurality.failure.PluralityException;
import org.plurality.health.events.Event;
import org.plurality.health.events.EventLog;

/** One pass of a collector, written into the cache's log. */
public final class ExpiryPass {
    private final Collector collector;
    private final EventLog log;
    private final Clock clock;

    public ExpiryPass(Collector collector, EventLog log, Clock clock) {
        this.collector = collector;
        this.log = log;
        this.clock = clock;
    }

    public Collector.Outcome run(Consumer<String> progress) throws PluralityException {
        Instant began = clock.instant();
        Collector.Outcome outcome;
        try {
            outcome = collector.run(progress);
        } catch (PluralityException e) {
            log.log(Event.Kind.ERROR, "", "", 0, 0, e.getMessage());
            throw e;
        }
        long left = outcome.survey().occupancy().blobBytes() - outcome.swept().blobBytes();
        long inodes = outcome.survey().occupancy().blobs() - outcome.swept().blobs();
        for (ImageUsage candidate : outcome.survey().candidates()) {
            left += candidate.bytes();
            inodes += candidate.inodes();
        }
        for (Decision decision : outcome.expired()) {
            ImageUsage gone = decision.candidate();
            left -= gone.bytes();
            inodes -= gone.inodes();
            log.log(Event.Kind.EXPIRED, gone.digest().toString(), gone.title(), gone.bytes(), 0, decision.why());
        }
        for (PluralityException problem : outcome.problems()) {
            log.log(Event.Kind.ERROR, "", "", 0, 0, problem.getMessage());
        }
        long millis = Duration.between(began, clock.instant()).toMillis();
        log.logSize(left, inodes, millis);
        return outcome;
    }
}
