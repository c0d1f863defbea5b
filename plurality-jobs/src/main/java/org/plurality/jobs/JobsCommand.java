// SPDX-License-Identifier: Apache-2.0
package org.plurality.jobs;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.plurality.jobs.Scheduler.Fate;
import org.plurality.jobs.pbs.PbsServer;
import org.plurality.process.Processes;

/** The program that {@code share/pbs/stage} starts: {@code PREFIX ACTION SPOOL ARGUMENT...}. */
public final class JobsCommand {
    private static final int PER_USER = 4;
    private static final int IN_ALL = 16;
    private static final int NICE = 5;
    private static final int PATIENCE_S = 600;

    private final Scheduler scheduler = new PbsServer();
    private final Spool spool;
    private final Stager stager;

    private JobsCommand(Path prefix, Path root) throws IOException {
        spool = new Spool(root, InstantSource.system());
        stager = new Stager(scheduler, spool, new UserProcess(prefix, spool.setting("nice", NICE)));
    }

    public static void main(String... words) throws IOException, InterruptedException {
        JobsCommand command = new JobsCommand(Path.of(words[0]), Path.of(words[2]));
        Processes.halt(
                switch (words[1]) {
                    case "work" -> command.work();
                    case "retry" -> command.retry(words[3]);
                    case "release" -> command.release(words[3], words[4], words[5], words[6]);
                    default -> 2;
                });
    }

    private int work() throws IOException, InterruptedException {
        Duration limit = Duration.ofSeconds(spool.setting("patience", PATIENCE_S));
        new Agent(scheduler, spool, stager, PER_USER, spool.setting("at-once", IN_ALL), limit).run();
        return 0;
    }

    /** The agent has looked at it again, because the caller woke it. */
    private int retry(String name) throws IOException, InterruptedException {
        Optional<JobRecord> found = spool.ofJob(name);
        if (found.isEmpty()) {
            return failed(
                    "cannot retry job " + name + ": there is no record of it",
                    "name a job that waits for its image, by its number");
        }
        JobRecord record = found.get();
        String job = record.job().orElse(name);
        if (record.state().equals(Optional.of(JobState.FAILED))
                && (!record.hasUserHold() || scheduler.hold(job, Stager.OURS))) {
            record.become(JobState.WAITING);
        }
        work();
        JobState state = awaitEnd(record);
        return switch (state) {
            case RELEASED -> {
                System.out.println("job " + job + ": its images are staged in, and it is released");
                yield 0;
            }
            case STAGED ->
                failed(
                        "cannot release job " + job + ": the server does not answer",
                        "the next periodic hook releases it");
            default ->
                record.exists()
                        ? failed(record.comment().orElse("cannot stage in for job " + job), "see " + record.log())
                        : failed("cannot retry job " + job + ": it has ended", "submit it again");
        };
    }

    /** Another agent may be at it. */
    private JobState awaitEnd(JobRecord record) throws IOException, InterruptedException {
        Optional<JobState> state = record.state();
        while (state.isPresent() && (state.get() == JobState.WAITING || state.get() == JobState.STAGING)) {
            Thread.sleep(200);
            work();
            state = record.state();
        }
        return state.orElse(JobState.FAILED);
    }

    /** Releases the lease of a job that has ended on this node. */
    private int release(String name, String user, String tag, String cache) throws IOException, InterruptedException {
        String job = name;
        Optional<String> chosen = cache.equals("-") ? Optional.empty() : Optional.of(cache);
        Path none = Path.of("/dev/null");
        if (scheduler.fate(job) != Fate.OVER) {
            return 0;
        }
        Optional<JobRecord> record = Spool.isTag(tag) ? Optional.of(spool.record(tag)) : Optional.empty();
        Path settings = record.map(JobRecord::settings).orElse(none);
        // Of an array's tasks each has a lease, and all have one, with what was staged in for all.
        if (job.matches("[0-9]+\\[[0-9]+\\].*")) {
            stager.releaseLease(user, job, chosen, none);
            job = job.replaceFirst("\\[[0-9]+\\]", "[]");
            if (scheduler.fate(job) != Fate.OVER) {
                return 0;
            }
        }
        stager.releaseLease(user, job, chosen, settings);
        if (record.isPresent()) {
            record.get().remove();
        }
        return 0;
    }

    private static int failed(String message, String hint) {
        System.err.println("stage: " + message + "\nhint: " + hint);
        return 1;
    }
}
