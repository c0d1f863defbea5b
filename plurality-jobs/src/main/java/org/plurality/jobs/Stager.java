// SPDX-License-Identifier: Apache-2.0
package org.plurality.jobs;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.plurality.jobs.Scheduler.Fate;

/**
 * The steps for one job: stage in, release the job, give up, release the lease. Each step is on record before the
 * next
 * begins, so that another agent can go on where this one was killed.
 */
public final class Stager {
    /** Our hold. Dependencies use {@code s}, users {@code u}. */
    static final String OURS = "o";

    static final String USERS = "u";

    private static final Duration RELEASE_LIMIT = Duration.ofSeconds(60);
    private static final int INTERRUPTED = 130;
    private static final int TERMINATED = 143;

    private final Scheduler scheduler;
    private final Spool spool;
    private final UserProcess processes;

    public Stager(Scheduler scheduler, Spool spool, UserProcess processes) {
        this.scheduler = scheduler;
        this.spool = spool;
        this.processes = processes;
    }

    /** Stages in for a record in state WAITING whose job is known, at one of its places. */
    void stageIn(JobRecord record, String user, String job) throws IOException, InterruptedException {
        if (scheduler.fate(job) == Fate.OVER) {
            letGo(record, user, job);
            return;
        }
        if (!record.become(JobState.STAGING)) {
            return;
        }
        int status = pull(record, user, job);
        if (status == 0) {
            record.setDigests(digests(record));
            if (record.become(JobState.STAGED)) {
                releaseHold(record, user, job);
            }
        } else if (status == INTERRUPTED || status == TERMINATED) {
            // It was ended with this host.
            record.become(JobState.WAITING);
        } else {
            giveUp(record, job);
        }
    }

    private int pull(JobRecord record, String user, String job) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("pull"));
        record.cache().ifPresent(cache -> arguments.addAll(List.of("--cache", cache)));
        arguments.addAll(List.of("--lease", lease(job), "--pbs-job", job, "--"));
        arguments.addAll(record.images());
        return processes.run(
                user, record.settings(), record.out(), record.log(), Optional.empty(), record::setWorker, arguments);
    }

    private static List<String> digests(JobRecord record) throws IOException {
        String printed = JobRecord.read(record.out()).orElse("");
        return printed.lines().map(line -> line.split(" ", 2)[0]).toList();
    }

    /** Takes our hold off a job whose images are there. */
    void releaseHold(JobRecord record, String user, String job) throws IOException, InterruptedException {
        if (scheduler.release(job, record.hasUserHold() ? USERS + OURS : OURS)) {
            record.setUserHold(false);
            record.become(JobState.RELEASED);
        } else if (scheduler.fate(job) == Fate.OVER) {
            letGo(record, user, job);
        }
    }

    /** The job stays held, but by a hold that its user may release, and its comment says why. */
    private void giveUp(JobRecord record, String job) throws IOException {
        String comment = Reasons.comment(JobRecord.read(record.log()).orElse(""), JobRecord.number(job));
        record.setComment(comment);
        if (!scheduler.hold(job, USERS)) {
            record.become(JobState.WAITING);
            return;
        }
        record.setUserHold(true);
        scheduler.comment(job, comment);
        if (record.become(JobState.FAILED)) {
            scheduler.release(job, OURS);
        }
    }

    /**
     * Holds a job again whose staging failed and whose user has released it.
     *
     * @return whether staging has to begin again
     */
    boolean beginAgain(JobRecord record, String job) throws IOException {
        Optional<String> holds = scheduler.holds(job);
        if (!record.hasUserHold() || holds.isEmpty() || holds.get().contains(USERS) || !scheduler.hold(job, OURS)) {
            return false;
        }
        record.setUserHold(false);
        return record.become(JobState.WAITING);
    }

    /**
     * Releases the job's lease, and removes its record. A home directory that does not answer is not waited for
     * long.
     */
    void letGo(JobRecord record, String user, String job) throws IOException, InterruptedException {
        // Nothing was pulled for it otherwise, and there is no lease.
        if (record.worker().isPresent()) {
            releaseLease(user, job, record.cache(), record.settings());
        }
        record.remove();
    }

    /** Releases the job's lease as its user. If that fails, an expiry finds the lease of a job that is over. */
    public void releaseLease(String user, String job, Optional<String> cache, Path settings)
            throws IOException, InterruptedException {
        if (spool.isSilent(user)) {
            return;
        }
        List<String> arguments = new ArrayList<>(List.of("lease", "release"));
        cache.ifPresent(place -> arguments.addAll(List.of("--cache", place)));
        arguments.add(lease(job));
        Path nothing = Path.of("/dev/null");
        int status =
                processes.run(user, settings, nothing, nothing, Optional.of(RELEASE_LIMIT), worker -> {}, arguments);
        if (status == UserProcess.TIMED_OUT && spool.exists()) {
            spool.markSilent(user);
        }
    }

    /** Returns the lease's id, as {@code plurality-exec} names it. */
    static String lease(String job) {
        return "pbs-" + job.replaceAll("[^A-Za-z0-9._-]", "_");
    }
}
