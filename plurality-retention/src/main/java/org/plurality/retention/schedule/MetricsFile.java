// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.schedule;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.plurality.failure.PluralityException;

/**
 * Metrics in the Prometheus text format, for the node exporter's textfile collector. The file is replaced as a whole.
 * Counters start at 0 with the process.
 */
public final class MetricsFile {
    private final Path file;
    private final StringBuilder text = new StringBuilder();

    public MetricsFile(Path file) {
        this.file = file;
    }

    /** Adds the current value of a gauge. */
    public MetricsFile gauge(String name, String help, long value) {
        head(name, help, "gauge");
        text.append(name).append(' ').append(value).append('\n');
        return this;
    }

    /** Adds the daemon's tasks: runs, failures, and time of the last success. */
    public MetricsFile tasks(TaskRecord record) {
        Map<String, TaskRecord.Runs> all = record.all();
        head("plurality_task_runs_total", "Runs of a task of the daemon since it started.", "counter");
        all.forEach((task, runs) -> sample("plurality_task_runs_total", task, Long.toString(runs.all())));
        head("plurality_task_failures_total", "Runs that failed.", "counter");
        all.forEach((task, runs) -> sample("plurality_task_failures_total", task, Long.toString(runs.failed())));
        head("plurality_task_duration_seconds", "How long the last run took.", "gauge");
        all.forEach((task, runs) -> sample("plurality_task_duration_seconds", task, Double.toString(runs.seconds())));
        head("plurality_task_last_success_timestamp_seconds", "When a task last went well.", "gauge");
        all.forEach((task, runs) -> {
            Instant success = runs.lastSuccess();
            if (success != null) {
                sample("plurality_task_last_success_timestamp_seconds", task, Long.toString(success.getEpochSecond()));
            }
        });
        return this;
    }

    /** Replaces the file, readable by everyone. */
    public void write() throws PluralityException {
        Path scratch = file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID());
        try {
            Files.write(scratch, text.toString().getBytes(StandardCharsets.UTF_8), StandardOpenOption.CREATE_NEW);
            Files.setPosixFilePermissions(scratch, PosixFilePermissions.fromString("rw-r--r--"));
            Files.move(scratch, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            try {
                Files.deleteIfExists(scratch);
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            throw PluralityException.storage(
                    "cannot write the metrics file " + file,
                    e,
                    "let the daemon's user write to its directory, or name another file in metrics_file");
        }
    }

    private void head(String name, String help, String type) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private void sample(String name, String task, String value) {
        text.append(name)
                .append("{task=\"")
                .append(task)
                .append("\"} ")
                .append(value)
                .append('\n');
    }
}
