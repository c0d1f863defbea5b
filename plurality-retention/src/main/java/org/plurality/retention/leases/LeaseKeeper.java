// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.leases;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongPredicate;
import org.plurality.cache.CacheAccess;
import org.plurality.cache.CacheLayout;
import org.plurality.cache.ParallelReads;
import org.plurality.failure.PluralityException;
import org.plurality.lease.FoundLease;
import org.plurality.lease.FoundLeases;
import org.plurality.lease.Holder;
import org.plurality.lease.LeaseReader;
import org.plurality.lease.Leases;
import org.plurality.reference.Digest;
import org.plurality.retention.scheduler.JobAnswer;
import org.plurality.retention.scheduler.Schedulers;

/**
 * Looks after the leases in one cache. Any number of passes may be under way at once. Cost of a census: one stat and one directory read for
 * each image, a stat and a read for each lease, and the commands of {@link Schedulers#ask}.
 */
public final class LeaseKeeper {
    private final CacheLayout layout;
    private final Leases leases;
    private final LeaseReader reader;
    private final LeaseLimits limits;
    private final Schedulers schedulers;
    private final Set<Digest> touched = ConcurrentHashMap.newKeySet();
    private final boolean isAnybodys;
    private final LongPredicate trusted;

    public LeaseKeeper(CacheLayout layout, LeaseLimits limits, Duration schedulerPatience) throws PluralityException {
        this(layout, limits, new Schedulers(schedulerPatience, self()));
    }

    LeaseKeeper(CacheLayout layout, LeaseLimits limits, Schedulers schedulers) throws PluralityException {
        this.layout = layout;
        this.leases = new Leases(layout);
        this.limits = limits;
        this.schedulers = schedulers;
        try {
            isAnybodys = CacheAccess.anybodyMayLease(layout);
            long owner = CacheAccess.owner(layout);
            long self = CacheAccess.self();
            trusted = uid -> !isAnybodys || uid == 0 || uid == owner || uid == self;
        } catch (IOException e) {
            throw PluralityException.storage("cannot read the leases in " + layout.root(), e);
        }
        this.reader = isAnybodys ? new PosixLeaseReader() : LeaseReader::readOwn;
    }

    private static long self() throws PluralityException {
        try {
            return CacheAccess.self();
        } catch (IOException e) {
            throw PluralityException.storage("cannot tell whose process this is", e);
        }
    }

    /** Reads the leases of these images, then asks the schedulers, then judges. Changes nothing. */
    public LeaseSnapshot census(Collection<Digest> images, Instant now) throws PluralityException {
        Map<Digest, Found> found = new HashMap<>();
        Set<Holder> holders = new HashSet<>();
        List<Digest> digests = List.copyOf(images);
        List<Found> read = ParallelReads.of(digests, this::find);
        for (int i = 0; i < read.size(); i++) {
            Found of = read.get(i);
            found.put(digests.get(i), of);
            for (FoundLease lease : of.leases()) {
                if (lease.lease() != null) {
                    holders.add(lease.lease().holder());
                }
            }
        }
        return judged(found, schedulers.ask(holders), now);
    }

    /** Looks at one image's leases again; a job that was not asked about counts as alive. */
    public LeaseSnapshot.ImageLeases again(Digest image, LeaseSnapshot earlier, Instant now) throws PluralityException {
        return judged(Map.of(image, find(image)), earlier.answers(), now).of(image);
    }

    /**
     * Removes what is over, and notes since when strangers hold. What cannot be removed stays for another pass.
     *
     * @return how many were removed
     */
    public int reap(LeaseSnapshot census) throws PluralityException {
        int reaped = 0;
        for (Map.Entry<Digest, LeaseSnapshot.ImageLeases> image :
                census.images().entrySet()) {
            if (leases.sweepLeftovers(image.getKey(), census.now())) {
                touched.add(image.getKey());
            }
            for (JudgedLease lease : image.getValue().leases()) {
                if (!lease.holds()) {
                    try {
                        touched.add(image.getKey());
                        reaped += leases.release(lease.found()) ? 1 : 0;
                    } catch (PluralityException e) {
                        // Another user's, in a directory where only they may remove it.
                    }
                }
            }
        }
        for (Map.Entry<Digest, LeaseSnapshot.ImageLeases> image :
                census.images().entrySet()) {
            reaped += removeSurplus(image.getKey(), image.getValue(), census.now());
        }
        if (isAnybodys) {
            writeMarks(census);
        }
        return reaped;
    }

    private int removeSurplus(Digest image, LeaseSnapshot.ImageLeases of, Instant now) {
        if (of.surplus().isEmpty()) {
            return 0;
        }
        touched.add(image);
        try {
            List<FoundLease> read = of.leases().stream().map(JudgedLease::found).toList();
            return (int) leases.removeSurplus(image, of.surplus(), read, now);
        } catch (PluralityException e) {
            // Another pass goes on with it.
            return 0;
        }
    }

    /** Whether {@link #reap} has changed the directory of an image's leases: then its time says nothing of a use since. */
    public boolean hasTouched(Digest image) {
        return touched.contains(image);
    }

    private record Found(FoundLeases found, Instant lastChange, String problem) {
        static Found problem(String problem) {
            return new Found(new FoundLeases(List.of(), Map.of()), Instant.EPOCH, problem);
        }

        List<FoundLease> leases() {
            return found.leases();
        }
    }

    private Found find(Digest image) {
        try {
            Instant change = leases.lastChange(image);
            return new Found(leases.found(image, reader, limits.mostRead()), change, "");
        } catch (PluralityException e) {
            return Found.problem(e.getMessage());
        } catch (IOException e) {
            return Found.problem(PluralityException.reasonOf(e));
        }
    }

    private LeaseSnapshot judged(Map<Digest, Found> found, Map<Holder, JobAnswer> answers, Instant now)
            throws PluralityException {
        UnverifiedHoldLedger marks = marks();
        Map<Digest, LeaseSnapshot.ImageLeases> images = new HashMap<>();
        found.forEach((image, of) -> images.put(
                image,
                new LeaseSnapshot.ImageLeases(
                        judge(image, answers, now, marks).judge(new ArrayList<>(of.leases())),
                        of.lastChange(),
                        of.problem(),
                        isAnybodys ? new LastUseBound(marks.used(image), limits.maxAge()) : LastUseBound.NONE,
                        strangers(of.found().surplus().keySet()))));
        return new LeaseSnapshot(now, images, answers);
    }

    /** A trusted user's leases hold however many they are. */
    private Set<Long> strangers(Set<Long> users) {
        Set<Long> strangers = new HashSet<>(users);
        strangers.removeIf(trusted::test);
        return strangers;
    }

    private LeaseJudge judge(Digest image, Map<Holder, JobAnswer> answers, Instant now, UnverifiedHoldLedger marks) {
        return new LeaseJudge(limits, now, answers, trusted, uid -> marks.since(image, uid, now, oldestMark())
                .toEpochMilli());
    }

    /** For the first half of that time what a user says counts. */
    private Duration oldestMark() {
        return limits.maxAge().multipliedBy(2);
    }

    private UnverifiedHoldLedger marks() throws PluralityException {
        try {
            return UnverifiedHoldLedger.read(layout);
        } catch (IOException e) {
            throw PluralityException.storage("cannot read the leases in " + layout.root(), e);
        }
    }

    private void writeMarks(LeaseSnapshot census) throws PluralityException {
        UnverifiedHoldLedger marks = marks();
        census.images().forEach((image, of) -> {
            LeaseJudge judge = judge(image, census.answers(), census.now(), marks);
            for (JudgedLease lease : of.leases()) {
                if (judge.isByWord(lease.found())) {
                    marks.want(image, lease.found().uid());
                } else if (lease.holds()) {
                    marks.wantUsed(image);
                }
            }
        });
        marks.write(census.now(), oldestMark());
    }
}
