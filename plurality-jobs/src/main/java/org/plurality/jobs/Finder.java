// SPDX-License-Identifier: Apache-2.0
package org.plurality.jobs;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Learns the names of jobs, which the server gives after the hook has run. One question to the server answers for all
 * records of a user.
 */
final class Finder {
    private static final Duration FIRST = Duration.ofMillis(200);
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private final Scheduler scheduler;
    private final Spool spool;
    private final Duration patience;
    private final Map<String, Wanted> wanted = new TreeMap<>();

    private record Wanted(String user, long since, CompletableFuture<Optional<String>> job) {}

    /** @param patience after which a server that does not know the job has refused it */
    Finder(Scheduler scheduler, Spool spool, Duration patience) {
        this.scheduler = scheduler;
        this.spool = spool;
        this.patience = patience;
    }

    /**
     * Returns the job that carries the record's tag; empty if the server has refused it, or the record was
     * removed.
     */
    Optional<String> find(JobRecord record, String user) {
        CompletableFuture<Optional<String>> job = new CompletableFuture<>();
        synchronized (this) {
            wanted.put(record.tag(), new Wanted(user, System.nanoTime(), job));
            notifyAll();
        }
        return job.join();
    }

    /** Asks for as long as names are wanted. Returns when its thread is interrupted. */
    void run() {
        Duration nap = FIRST;
        int before = 0;
        while (!Thread.currentThread().isInterrupted()) {
            try {
                synchronized (this) {
                    while (wanted.isEmpty()) {
                        before = 0;
                        wait();
                    }
                    // New records are asked about soon, others ever more seldom.
                    nap = wanted.size() > before ? FIRST : nap;
                    before = wanted.size();
                }
                look();
                Thread.sleep(nap);
                nap = nap.multipliedBy(2).compareTo(LONGEST) < 0 ? nap.multipliedBy(2) : LONGEST;
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void look() {
        Map<String, Set<String>> byUser = new HashMap<>();
        synchronized (this) {
            wanted.forEach((tag, one) ->
                    byUser.computeIfAbsent(one.user, any -> new HashSet<>()).add(tag));
        }
        Set<String> known = new HashSet<>();
        try {
            for (JobRecord record : spool.records()) {
                record.job().ifPresent(known::add);
            }
        } catch (IOException e) {
            // Then more is asked than has to be.
        }
        byUser.forEach((user, tags) -> {
            Optional<Map<String, String>> found = scheduler.find(user, tags, known);
            tags.forEach(tag -> answer(tag, found));
        });
    }

    private synchronized void answer(String tag, Optional<Map<String, String>> found) {
        Wanted one = wanted.get(tag);
        if (one == null) {
            return;
        }
        Optional<String> job = found.flatMap(jobs -> Optional.ofNullable(jobs.get(tag)));
        boolean refused = found.isPresent() && System.nanoTime() - one.since > patience.toNanos();
        if (job.isPresent() || refused || !spool.record(tag).exists()) {
            wanted.remove(tag);
            one.job.complete(job);
        }
    }
}
