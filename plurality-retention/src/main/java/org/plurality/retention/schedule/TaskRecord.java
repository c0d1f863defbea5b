// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.schedule;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Counts the runs and failures of this process's tasks, and records their last success. Thread-safe. */
public final class TaskRecord {
    private final Map<String, Runs> runs = new TreeMap<>();

    /** @param lastSuccess null before the first success */
    record Runs(
            long all, long failed, double seconds, @Nullable Instant lastSuccess) {}

    synchronized void add(String task, boolean ok, double seconds, Instant now) {
        Runs before = runs.getOrDefault(task, new Runs(0, 0, 0, null));
        runs.put(
                task,
                new Runs(before.all() + 1, before.failed() + (ok ? 0 : 1), seconds, ok ? now : before.lastSuccess()));
    }

    synchronized Map<String, Runs> all() {
        return new TreeMap<>(runs);
    }
}
