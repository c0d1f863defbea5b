// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

class DaemonTest {
    private static final String EVERY_SECOND = "* * * * * ?";
    private static final String EVERY_YEAR = "0 0 0 1 1 ?";

    @TempDir
    private Path directory;

    private final TaskRecord record = new TaskRecord();
    private final Queue<String> log = new ConcurrentLinkedQueue<>();
    private final Queue<PluralityException> failures = new ConcurrentLinkedQueue<>();
    private final Daemon daemon = new Daemon(record, Clock.systemUTC(), log::add, failures::add);

    @Test
    void tasksRunOnTheirScheduleAndAFailureEndsNothing() throws Exception {
        CountDownLatch twice = new CountDownLatch(4);
        Daemon.Stop stop = daemon.start(
                List.of(
                        task("good", EVERY_SECOND, () -> {
                            twice.countDown();
                            return "done";
                        }),
                        task("bad", EVERY_SECOND, () -> {
                            twice.countDown();
                            throw new PluralityException(FailureKind.OTHER, "cannot", "try");
                        }),
                        task("yearly", EVERY_YEAR, () -> "at the start"),
                        task("never", "never", () -> "not this")),
                Set.of("yearly", "never"));
        assertThat(twice.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(stop.within(Duration.ofSeconds(60))).isTrue();
        assertThat(log).contains("good: done", "yearly: at the start").noneMatch(line -> line.startsWith("never"));
        assertThat(failures).isNotEmpty();
        assertThat(Objects.requireNonNull(record.all().get("bad")).failed()).isPositive();
        new MetricsFile(directory.resolve("m.prom"))
                .gauge("plurality_images", "Images.", 3)
                .tasks(record)
                .write();
        assertThat(Files.readString(directory.resolve("m.prom")))
                .contains("# TYPE plurality_images gauge\nplurality_images 3\n")
                .contains("plurality_task_failures_total{task=\"bad\"} ")
                .contains("plurality_task_last_success_timestamp_seconds{task=\"good\"} ");
        try (var files = Files.list(directory)) {
            assertThat(files.count()).isEqualTo(1);
        }
    }

    @Test
    void expressionsThatAreNoneAreRefusedWithTheirSetting() {
        assertThatThrownBy(() -> task("x", "0 0 * * *", () -> "").checked())
                .isInstanceOf(PluralityException.class)
                .hasMessageContaining("schedule_x");
    }

    private static ScheduledTask task(String name, String cron, Task task) {
        return new ScheduledTask(name, cron, "schedule_" + name, task);
    }
}
