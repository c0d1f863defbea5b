// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.leases;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;
import java.util.function.LongUnaryOperator;
import org.plurality.lease.FoundLease;
import org.plurality.lease.Holder;
import org.plurality.process.ProcessIdentity;
import org.plurality.retention.scheduler.JobAnswer;

/**
 * Whether leases hold. What cannot be told holds; without end when a trusted user has said so, else within the {@link LeaseLimits}.
 *
 * @param now by the filesystem server's clock
 * @param answers of the schedulers, asked after the leases were read: a job that took its lease before is known to them
 * @param trusted whether a user id is that of who owns the cache, or root
 * @param heldSince for a user id: since which time, in Unix milliseconds, that user holds this image without a job that the scheduler confirms
 */
record LeaseJudge(
        LeaseLimits limits,
        Instant now,
        Map<Holder, JobAnswer> answers,
        LongPredicate trusted,
        LongUnaryOperator heldSince) {

    private enum Verdict {
        HOLDS,
        /** Holds as far as its maker's word goes. */
        BY_WORD,
        OVER
    }

    private record Opinion(FoundLease lease, Verdict verdict, String why) {}

    /** @param leases of one image */
    List<JudgedLease> judge(List<FoundLease> leases) {
        List<JudgedLease> judged = new ArrayList<>();
        List<Opinion> byWord = new ArrayList<>();
        for (FoundLease lease : leases) {
            Opinion opinion = opinion(lease);
            if (opinion.verdict() == Verdict.BY_WORD && !trusted.test(lease.uid())) {
                byWord.add(opinion);
            } else {
                judged.add(new JudgedLease(lease, opinion.verdict() != Verdict.OVER, opinion.why()));
            }
        }
        judgeByWord(byWord, judged);
        judged.sort(Comparator.comparing(lease -> lease.found().id().value()));
        return judged;
    }

    /** Whether this user holds the image by word alone: what {@link #heldSince} counts from. */
    boolean isByWord(FoundLease lease) {
        return !trusted.test(lease.uid()) && opinion(lease).verdict() == Verdict.BY_WORD;
    }

    private void judgeByWord(List<Opinion> opinions, List<JudgedLease> judged) {
        opinions.sort(Comparator.comparing((Opinion opinion) -> opinion.lease().modified())
                .reversed());
        Map<Long, Integer> ofUser = new HashMap<>();
        for (Opinion opinion : opinions) {
            long uid = opinion.lease().uid();
            Duration held = Duration.between(Instant.ofEpochMilli(heldSince.applyAsLong(uid)), now);
            if (ofUser.merge(uid, 1, Integer::sum) > limits.mostPerUser()) {
                judged.add(new JudgedLease(
                        opinion.lease(), false, "more than " + limits.mostPerUser() + " of user " + uid));
            } else if (held.compareTo(limits.maxAge()) > 0) {
                judged.add(new JudgedLease(
                        opinion.lease(), false, "user " + uid + " has held it for longer than lease_max_age"));
            } else {
                judged.add(new JudgedLease(opinion.lease(), true, opinion.why()));
            }
        }
    }

    private Opinion opinion(FoundLease found) {
        if (found.lease() == null) {
            return isOlderThan(found, limits.maxAge())
                    ? new Opinion(found, Verdict.OVER, "unreadable for longer than lease_max_age")
                    : new Opinion(found, Verdict.BY_WORD, found.describe());
        }
        return switch (found.lease().holder()) {
            case Holder.SlurmJob job -> ofJob(found, job);
            case Holder.PbsJob job -> ofJob(found, job);
            case Holder.Until until ->
                now.isBefore(until.end())
                        ? new Opinion(found, Verdict.BY_WORD, found.describe())
                        : new Opinion(found, Verdict.OVER, "its time is over");
            case Holder.LocalProcess process -> ofProcess(found, process);
        };
    }

    private Opinion ofJob(FoundLease found, Holder job) {
        JobAnswer answer = answers.getOrDefault(job, JobAnswer.UNKNOWN);
        return switch (answer.state()) {
            case ALIVE ->
                new Opinion(
                        found,
                        isOf(found, answer.user()) || trusted.test(found.uid()) ? Verdict.HOLDS : Verdict.BY_WORD,
                        found.describe());
            case ENDED -> new Opinion(found, Verdict.OVER, found.describe() + " has ended");
            case ABSENT ->
                isOlderThan(found, limits.grace())
                        ? new Opinion(found, Verdict.OVER, found.describe() + " has ended")
                        : new Opinion(found, Verdict.BY_WORD, found.describe() + " (not known yet)");
            case UNKNOWN ->
                new Opinion(found, Verdict.BY_WORD, found.describe() + " (the scheduler could not be asked)");
        };
    }

    private Opinion ofProcess(FoundLease found, Holder.LocalProcess process) {
        ProcessIdentity.Liveness liveness;
        try {
            liveness = process.identity().liveness();
        } catch (IOException e) {
            liveness = ProcessIdentity.Liveness.UNKNOWN;
        }
        return switch (liveness) {
            case ALIVE -> new Opinion(found, Verdict.BY_WORD, found.describe());
            case ENDED -> new Opinion(found, Verdict.OVER, found.describe() + " has ended");
            case UNKNOWN ->
                isOlderThan(found, limits.maxAge())
                        ? new Opinion(found, Verdict.OVER, found.describe() + ", for longer than lease_max_age")
                        : new Opinion(found, Verdict.BY_WORD, found.describe() + " (it cannot be seen from here)");
        };
    }

    /** Slurm names users by number, PBS by name. */
    private static boolean isOf(FoundLease found, String user) {
        if (user.isEmpty() || found.uid() == FoundLease.NOBODY) {
            return false;
        }
        if (user.equals(Long.toString(found.uid()))) {
            return true;
        }
        try {
            return Files.getOwner(found.file(), LinkOption.NOFOLLOW_LINKS)
                    .getName()
                    .equals(user);
        } catch (IOException e) {
            return false;
        }
    }

    /** A time in the future, which a file's owner may set, however far, counts as now. */
    private boolean isOlderThan(FoundLease found, Duration age) {
        return !found.modified().isAfter(now.minus(age));
    }
}
