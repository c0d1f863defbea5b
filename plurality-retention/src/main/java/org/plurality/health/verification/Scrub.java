// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.verification;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.plurality.cache.Cache;
import org.plurality.failure.PluralityException;
import org.plurality.health.events.Event;
import org.plurality.health.events.EventLog;
import org.plurality.reference.Digest;

/**
 * Verifies a part of a cache in depth: first images that were never verified, then those that were verified longest
 * ago. Several processes at once only repeat the same work.
 *
 * <p>Cost: the images that are read, and one small file for each image in the cache.
 */
public final class Scrub {
    private final Cache cache;
    private final EventLog log;
    private final int percent;
    private final Duration most;
    private final BooleanSupplier isToEnd;
    private final LongSupplier nanoTime;

    /**
     * @param percent percentage of the cache's bytes to read; at least one image is read
     * @param most time limit; the image that is being read at that time is read to its end
     * @param isToEnd returns true if no further image is to be read
     */
    public Scrub(
            Cache cache, EventLog log, int percent, Duration most, BooleanSupplier isToEnd, LongSupplier nanoTime) {
        this.cache = cache;
        this.log = log;
        this.percent = percent;
        this.most = most;
        this.isToEnd = isToEnd;
        this.nanoTime = nanoTime;
    }

    /**
     * The outcome of a scrub.
     *
     * @param images number of images that were read
     * @param bytes bytes that were read
     * @param damaged images that differ from what was published
     * @param problems errors with other images
     */
    public record Outcome(long images, long bytes, List<Verified> damaged, List<PluralityException> problems) {
        public Outcome {
            damaged = List.copyOf(damaged);
            problems = List.copyOf(problems);
        }
    }

    private record Turn(Digest digest, Instant last, long bytes) {}

    public Outcome run() {
        long began = nanoTime.getAsLong();
        List<PluralityException> problems = new ArrayList<>();
        List<Turn> turns = turns(problems);
        long share = turns.stream().mapToLong(Turn::bytes).sum() * percent / 100;
        Inspection inspection = new Inspection(cache, log, _ -> {});
        List<Verified> damaged = new ArrayList<>();
        long images = 0;
        long bytes = 0;
        for (Turn turn : turns) {
            boolean isEnough = images > 0 && bytes + turn.bytes() > share;
            if (isEnough || isToEnd.getAsBoolean() || nanoTime.getAsLong() - began > most.toNanos()) {
                break;
            }
            try {
                Optional<Verified> verified = inspection.inspect(turn.digest(), true);
                if (verified.isPresent()) {
                    images++;
                    bytes += turn.bytes();
                    if (!verified.get().isWhole()) {
                        damaged.add(verified.get());
                    }
                }
            } catch (PluralityException e) {
                problems.add(e);
            }
        }
        new VerificationMarks(cache.layout()).sweep();
        long millis = (nanoTime.getAsLong() - began) / 1_000_000;
        String what = images + " images, " + damaged.size() + " damaged";
        log.log(Event.Kind.VERIFIED, "", "", bytes, millis, what);
        for (PluralityException problem : problems) {
            log.log(Event.Kind.ERROR, "", "", 0, 0, problem.getMessage());
        }
        return new Outcome(images, bytes, damaged, problems);
    }

    private List<Turn> turns(List<PluralityException> problems) {
        VerificationMarks marks = new VerificationMarks(cache.layout());
        List<Turn> turns = new ArrayList<>();
        try {
            for (Digest digest : cache.digests()) {
                long bytes = 0;
                String publication = "";
                try {
                    var entry = cache.find(digest);
                    bytes = entry.map(found -> found.document().bytes()).orElse(0L);
                    publication =
                            entry.map(found -> found.document().publication()).orElse("");
                } catch (PluralityException e) {
                    // The document is damaged; verifying that takes no time.
                }
                String current = publication;
                Instant last = marks.of(digest)
                        .filter(mark -> mark.publication().equals(current))
                        .map(VerificationMarks.Mark::at)
                        .orElse(Instant.EPOCH);
                turns.add(new Turn(digest, last, bytes));
            }
        } catch (PluralityException e) {
            problems.add(e);
        }
        turns.sort(Comparator.comparing(Turn::last).thenComparing(Turn::digest));
        return turns;
    }
}
