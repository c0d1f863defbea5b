// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.expiry;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.plurality.cache.Cache;
import org.plurality.cache.FileStat;
import org.plurality.cache.FreshLook;
import org.plurality.cache.Pins;
import org.plurality.cache.ServerClock;
import org.plurality.cache.StaleFiles;
import org.plurality.cache.WithdrawnEntry;
import org.plurality.failure.PluralityException;
import org.plurality.lease.Leases;
import org.plurality.reference.Digest;
import org.plurality.retention.leases.LeaseKeeper;
import org.plurality.retention.leases.LeaseSnapshot;

/**
 * One pass of expiry. Any number may be under way at once, on any hosts, and each may be killed at any moment.
 *
 * <p>An image goes in steps: its name is taken away by one rename to {@code trash/}; the leases are looked at again at once, because one
 * may have come between the first look and the rename, and again after the attribute caches of all hosts have forgotten the old name; only
 * then are its files deleted. Who takes a lease and then finds the image has taken it before the rename, or found it by a name that its
 * host remembered: the last look sees that lease. When anything speaks for the image, it gets its name back.
 */
public final class Collector {
    private static final Duration LEAST_SILENCE = Duration.ofHours(1);

    /** How often the leases of withdrawn images are looked at during the wait. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    /** So that the looks at ten thousand images leave a network filesystem time for others. */
    private static final long MILLIS_A_LOOK = 5;

    private final Cache cache;
    private final LeaseKeeper keeper;
    private final ExpiryPolicy policy;
    private final Duration wait;
    private final Duration keepBlobs;
    private final Pause pause;
    private final Leases leases;
    private final Pins pins;

    /**
     * @param wait longer than any host's attribute cache keeps
     * @param keepBlobs since their last use
     */
    public Collector(
            Cache cache, LeaseKeeper keeper, ExpiryPolicy policy, Duration wait, Duration keepBlobs, Pause pause) {
        this.cache = cache;
        this.keeper = keeper;
        this.policy = policy;
        this.wait = wait;
        this.keepBlobs = keepBlobs;
        this.pause = pause;
        this.leases = new Leases(cache.layout());
        this.pins = new Pins(cache.layout());
    }

    /**
     * What became of a pass.
     *
     * @param expired whose files are gone
     * @param kept that were to go and were put back, with the reason
     * @param problems with single images and files; they do not end a pass
     */
    public record Outcome(
            CacheSnapshot survey,
            List<Decision> decisions,
            List<Decision> expired,
            Map<Digest, String> kept,
            int leasesReaped,
            Sweep.Swept swept,
            List<PluralityException> problems) {}

    /**
     * An image without its name.
     *
     * @param lastChange of its leases when it was taken
     * @param vouched when it was published or resolved last
     */
    private record Going(WithdrawnEntry image, Instant lastChange, Instant vouched) {}

    /** What a pass would do now. Changes nothing. */
    public List<Decision> plan(CacheSnapshot survey) {
        return policy.decide(survey.candidates(), survey.occupancy(), survey.now());
    }

    public CacheSnapshot survey(Instant now) throws PluralityException {
        return CacheSnapshot.of(cache, keeper, now);
    }

    /** By the filesystem server's clock; one small file comes and goes. */
    public Instant now() throws PluralityException {
        try {
            return new ServerClock(cache.layout().tmp()).now();
        } catch (IOException e) {
            throw PluralityException.storage(
                    "cannot tell the time of " + cache.layout().tmp(), e);
        }
    }

    /** @param progress is told what is done */
    public Outcome run(Consumer<String> progress) throws PluralityException {
        List<PluralityException> problems = new ArrayList<>();
        Map<Digest, String> kept = new HashMap<>();
        takeUpAbandoned(problems, kept);
        Instant now = now();
        new ReplacedSweep(cache.layout(), keeper, wait).run(now, problems);
        return run(survey(now), problems, kept, progress);
    }

    /** From the survey on; what was used since then stays. */
    Outcome run(
            CacheSnapshot survey,
            List<PluralityException> problems,
            Map<Digest, String> kept,
            Consumer<String> progress)
            throws PluralityException {
        int reaped = keeper.reap(survey.leases());
        List<Decision> decisions = plan(survey);
        Map<Digest, Going> withdrawn = withdraw(decisions, survey, problems, kept);
        List<Decision> expired = new ArrayList<>();
        if (!withdrawn.isEmpty()) {
            progress.accept("waiting " + wait.toSeconds() + " s, until every host has forgotten " + withdrawn.size()
                    + " images that are to go");
            boolean isDone = waitOut(withdrawn, survey, problems, kept);
            for (Decision decision : decisions) {
                Going image = withdrawn.get(decision.candidate().digest());
                if (image != null) {
                    Optional<String> objection =
                            isDone ? lastObjection(image, survey) : Optional.of("the pass was ended");
                    if (settle(image, objection, problems, kept)) {
                        expired.add(decision);
                    }
                }
            }
        }
        deleteSpares(survey, problems);
        Sweep.Swept swept = new Sweep(cache, keeper, keepBlobs, wait).run(survey, expired, problems);
        new StaleFiles(cache.layout()).sweep();
        return new Outcome(survey, decisions, expired, kept, reaped, swept, problems);
    }

    /**
     * Waits until every host has forgotten the names. What is used in between gets its name back at once: a launch that
     * may not take it back itself waits for it.
     *
     * @return false if the process is to end
     */
    private boolean waitOut(
            Map<Digest, Going> withdrawn,
            CacheSnapshot survey,
            List<PluralityException> problems,
            Map<Digest, String> kept) {
        Duration slice = LOOK_AGAIN.plusMillis(MILLIS_A_LOOK * withdrawn.size());
        Duration left = wait;
        while (left.compareTo(slice) > 0) {
            if (!pause.pause(slice)) {
                return false;
            }
            left = left.minus(slice);
            putBackUsed(withdrawn, survey, problems, kept);
        }
        return pause.pause(left);
    }

    private void putBackUsed(
            Map<Digest, Going> withdrawn,
            CacheSnapshot survey,
            List<PluralityException> problems,
            Map<Digest, String> kept) {
        for (Going going : List.copyOf(withdrawn.values())) {
            Digest digest = going.image().digest();
            Optional<String> objection = isUsedSince(going)
                    ? objection(digest, survey, going.lastChange(), going.vouched())
                    : Optional.empty();
            if (objection.isPresent()) {
                withdrawn.remove(digest);
                boolean _ = settle(going, objection, problems, kept);
            }
        }
    }

    private boolean isUsedSince(Going going) {
        Digest digest = going.image().digest();
        boolean _ = FreshLook.at(cache.layout().leases(digest));
        try {
            return leases.lastChange(digest).isAfter(going.lastChange());
        } catch (IOException e) {
            // The last look decides.
            return false;
        }
    }

    private Map<Digest, Going> withdraw(
            List<Decision> decisions,
            CacheSnapshot survey,
            List<PluralityException> problems,
            Map<Digest, String> kept) {
        Map<Digest, Going> going = new LinkedHashMap<>();
        for (Decision decision : decisions) {
            if (decision.expires()) {
                ImageUsage candidate = decision.candidate();
                try {
                    withdraw(candidate, survey, problems, kept)
                            .ifPresent(image -> going.put(candidate.digest(), image));
                } catch (PluralityException e) {
                    problems.add(e);
                }
            }
        }
        return going;
    }

    private Optional<Going> withdraw(
            ImageUsage candidate, CacheSnapshot survey, List<PluralityException> problems, Map<Digest, String> kept)
            throws PluralityException {
        Digest digest = candidate.digest();
        Instant vouched = survey.lastVouched(candidate);
        // As it was surveyed, so that a use since then shows; but reaping changes the directory, too.
        Instant lastChange = keeper.hasTouched(digest)
                ? lastChange(digest)
                : survey.leases().of(digest).lastChange();
        Optional<String> objection = objection(digest, survey, lastChange, vouched);
        if (objection.isPresent()) {
            kept.put(digest, objection.get());
            return Optional.empty();
        }
        Optional<WithdrawnEntry> image = cache.withdraw(digest);
        if (image.isEmpty()) {
            return Optional.empty();
        }
        Going going = new Going(image.get(), lastChange, vouched);
        objection = objection(digest, survey, lastChange, vouched);
        if (objection.isPresent()) {
            settle(going, objection, problems, kept);
            return Optional.empty();
        }
        return Optional.of(going);
    }

    /** What speaks for an image now that did not when the pass began. */
    private Optional<String> objection(Digest digest, CacheSnapshot survey, Instant lastChange, Instant vouched) {
        try {
            if (pins.has(digest)) {
                return Optional.of("pinned meanwhile");
            }
            LeaseSnapshot.ImageLeases again = keeper.again(digest, survey.leases(), survey.now());
            if (!again.holders().isEmpty()) {
                // Notes since when, where a stranger holds it.
                keeper.reap(new LeaseSnapshot(
                        survey.now(), Map.of(digest, again), survey.leases().answers()));
                return Optional.of("leased meanwhile: " + again.holders().get(0));
            }
            return again.lastUse(vouched).isAfter(lastChange) || isResolvedAnew(digest, survey)
                    ? Optional.of("used meanwhile")
                    : Optional.empty();
        } catch (PluralityException e) {
            return Optional.of("its leases cannot be read: " + e.getMessage());
        }
    }

    /** The last look. This host's view of the directory may be old: a change of one's own makes it look. */
    private Optional<String> lastObjection(Going image, CacheSnapshot survey) {
        Digest digest = image.image().digest();
        Optional<String> objection = objection(digest, survey, image.lastChange(), image.vouched());
        if (objection.isPresent() || wait.isZero()) {
            return objection;
        }
        try {
            leases.touch(digest);
            return objection(digest, survey, lastChange(digest), image.vouched());
        } catch (IOException e) {
            return Optional.of("its leases cannot be read: " + PluralityException.reasonOf(e));
        } catch (PluralityException e) {
            return Optional.of("its leases cannot be read: " + e.getMessage());
        }
    }

    private Instant lastChange(Digest digest) throws PluralityException {
        try {
            return leases.lastChange(digest);
        } catch (IOException e) {
            throw PluralityException.storage("cannot read the leases of " + digest, e);
        }
    }

    /** Whether a pull has found it in the cache since. */
    private static boolean isResolvedAnew(Digest digest, CacheSnapshot survey) {
        return survey.references().getOrDefault(digest, List.of()).stream().anyMatch(reference -> {
            try {
                return FileStat.of(reference.file()).modified().isAfter(reference.modified());
            } catch (IOException e) {
                return false;
            }
        });
    }

    /** @return whether the image is gone */
    private static boolean settle(
            Going going, Optional<String> objection, List<PluralityException> problems, Map<Digest, String> kept) {
        WithdrawnEntry image = going.image();
        try {
            if (objection.isPresent()) {
                kept.put(image.digest(), objection.get());
                // Where it cannot be put back, another pass looks after it.
                boolean _ = image.restore();
                return false;
            }
            boolean _ = image.delete();
        } catch (PluralityException e) {
            problems.add(e);
        }
        return objection.isEmpty();
    }

    /**
     * Second copies of images: nobody can find them, and who found them before has held the image ever since. One that is held gets the name
     * if that is free; the others go, also where this pass has just removed the first copy.
     */
    private void deleteSpares(CacheSnapshot survey, List<PluralityException> problems) {
        try {
            for (WithdrawnEntry spare : WithdrawnEntry.spares(cache.layout())) {
                try {
                    // Any host has forgotten its name by then.
                    boolean isForgotten = spare.since().isBefore(survey.now().minus(wait));
                    if (!isForgotten) {
                        continue;
                    }
                    if (keeper.again(spare.digest(), survey.leases(), survey.now())
                            .holders()
                            .isEmpty()) {
                        boolean _ = spare.delete();
                    } else {
                        boolean _ = spare.restore();
                    }
                } catch (PluralityException e) {
                    problems.add(e);
                }
            }
        } catch (NoSuchFileException e) {
            // Another pass was faster: the next one looks again.
        } catch (IOException e) {
            problems.add(
                    PluralityException.storage("cannot read " + cache.layout().trash(), e));
        }
    }

    /**
     * After which a collector on another host is taken for dead: what it withdrew may be leased since, and nobody finds it. From one that is
     * only slow to delete the rest is taken away, and decided anew.
     */
    private Duration silence() {
        Duration waits = wait.multipliedBy(4);
        return waits.compareTo(LEAST_SILENCE) > 0 ? waits : LEAST_SILENCE;
    }

    /** What collectors that died have left undecided: their wait is over, and the leases say what becomes of it. */
    private void takeUpAbandoned(List<PluralityException> problems, Map<Digest, String> kept)
            throws PluralityException {
        List<WithdrawnEntry> abandoned;
        try {
            abandoned = WithdrawnEntry.abandoned(cache.layout(), silence());
        } catch (IOException e) {
            throw PluralityException.storage("cannot read " + cache.layout().trash(), e);
        }
        // The policy decides anew about what is back under its name.
        for (WithdrawnEntry image : abandoned) {
            settle(
                    new Going(image, Instant.EPOCH, Instant.EPOCH),
                    Optional.of("a pass before was cut off"),
                    problems,
                    kept);
        }
    }
}
