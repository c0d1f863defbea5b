// SPDX-License-Identifier: Apache-2.0
package org.plurality.jobs;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Stages in for all records of a spool, then ends. One agent runs at a time; it also serves requests that come while it
 * runs. It may be killed at any moment: the next one goes on from what is on record.
 */
public final class Agent {
    private static final Duration LOOK = Duration.ofMillis(250);

    private final Scheduler scheduler;
    private final Spool spool;
    private final Stager stager;
    private final SpoolLayout places;
    private final Finder finder;

    /** Tags that a thread works on. */
    private final Set<String> inHand = ConcurrentHashMap.newKeySet();

    /** @param perUser and inAll: how many jobs are staged in at once, for one user and for all */
    public Agent(Scheduler scheduler, Spool spool, Stager stager, int perUser, int inAll, Duration patience) {
        this.scheduler = scheduler;
        this.spool = spool;
        this.stager = stager;
        this.places = new SpoolLayout(perUser, inAll);
        this.finder = new Finder(scheduler, spool, patience);
    }

    /** Returns when nothing is to be done any more; at once if another agent runs. */
    public void run() throws IOException, InterruptedException {
        if (!spool.exists()) {
            return;
        }
        try (FileChannel channel =
                FileChannel.open(spool.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            while (true) {
                @Nullable FileLock lock = channel.tryLock();
                if (lock == null) {
                    return;
                }
                try {
                    work();
                } finally {
                    lock.release();
                }
                // The hook starts no agent while `agent` names one; it may have left a request
                // just before that was removed.
                if (!spool.exists() || !spool.hasRequests()) {
                    return;
                }
            }
        }
    }

    private void work() throws IOException, InterruptedException {
        announce();
        Thread asks = Thread.ofVirtual().start(finder::run);
        try {
            recover();
            sweep(false);
            do {
                Spool.Requests requests = spool.requests();
                if (requests.all()) {
                    sweep(true);
                }
                requests.records().forEach(this::take);
                Thread.sleep(inHand.isEmpty() ? Duration.ZERO : LOOK);
            } while (!inHand.isEmpty() || spool.hasRequests());
        } finally {
            asks.interrupt();
            Files.deleteIfExists(spool.runningAgent());
        }
    }

    /** Records pid and start time of this agent. */
    private void announce() throws IOException {
        Path written = spool.runningAgent().resolveSibling("agent.new");
        Files.writeString(written, UserProcess.identity(ProcessHandle.current().pid()) + "\n");
        Files.move(written, spool.runningAgent(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Prepares the records that an earlier agent was working on when it was killed. */
    private void recover() throws IOException, InterruptedException {
        for (JobRecord record : spool.records()) {
            if (record.state().equals(Optional.of(JobState.STAGING))) {
                UserProcess.endLeftOver(record.worker().orElse(""));
                record.become(JobState.WAITING);
            }
        }
    }

    /**
     * Takes what waits, and what jobs left that have ended: one question to the server tells which those are.
     *
     * @param failed whether to ask about each job whose staging failed, too: its user may have released it
     */
    private void sweep(boolean failed) throws IOException {
        Optional<Set<String>> known = scheduler.all();
        for (JobRecord record : spool.records()) {
            Optional<String> job = record.job();
            JobState state = record.state().orElse(JobState.RELEASED);
            boolean mayBeOver =
                    known.isPresent() && job.isPresent() && !known.get().contains(job.get());
            if (mayBeOver || state.isPending() || (failed && state == JobState.FAILED)) {
                take(record);
            }
        }
    }

    /** Works on a record in a thread of its own, unless one does. */
    private void take(JobRecord record) {
        if (inHand.add(record.tag())) {
            Thread.ofVirtual().start(() -> {
                try {
                    handle(record);
                } catch (IOException e) {
                    System.err.println("plurality-jobs: cannot work on " + record.tag() + ": " + e.getMessage());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } finally {
                    inHand.remove(record.tag());
                }
            });
        }
    }

    private void handle(JobRecord record) throws IOException, InterruptedException {
        Optional<String> user = record.user();
        if (user.isEmpty() || record.state().isEmpty()) {
            return;
        }
        Optional<String> job = record.job();
        if (job.isEmpty()) {
            job = finder.find(record, user.get());
            if (job.isEmpty()) {
                record.remove();
                return;
            }
            record.setJob(job.get());
        }
        handle(record, user.get(), job.get());
    }

    private void handle(JobRecord record, String user, String job) throws IOException, InterruptedException {
        JobState state = record.state().orElse(JobState.RELEASED);
        switch (state) {
            case WAITING, STAGING -> places.in(user, () -> stager.stageIn(record, user, job));
            case STAGED -> stager.releaseHold(record, user, job);
            case FAILED -> {
                if (stager.beginAgain(record, job)) {
                    places.in(user, () -> stager.stageIn(record, user, job));
                } else {
                    letGoIfOver(record, user, job);
                }
            }
            case RELEASED -> letGoIfOver(record, user, job);
        }
    }

    private void letGoIfOver(JobRecord record, String user, String job) throws IOException, InterruptedException {
        if (scheduler.fate(job) == Scheduler.Fate.OVER) {
            places.in(user, () -> stager.letGo(record, user, job));
        }
    }
}
