// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.schedule;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.quartz.CronScheduleBuilder;
import org.quartz.JobBuilder;
import org.quartz.JobKey;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.Trigger;
import org.quartz.TriggerBuilder;
import org.quartz.impl.DirectSchedulerFactory;
import org.quartz.simpl.RAMJobStore;
import org.quartz.simpl.SimpleThreadPool;

/**
 * Runs tasks until it is stopped. A task that is still running when it is due again is not started a second time;
 * times that pass while it runs are skipped. A task's failure is reported and counted, and stops nothing.
 *
 * <p>Nothing is stored on disk: after a restart the schedule continues, and each task finds out what there is to do.
 * Quartz is built by hand, so that it reads no {@code quartz.properties}, neither from the current directory nor from
 * its own jar.
 */
public final class Daemon {
    private static final int THREADS = 3;
    private static final int LOOK_MILLIS = 20;

    private final TaskRecord record;
    private final Clock clock;
    private final Consumer<String> log;
    private final Consumer<PluralityException> failures;
    private final AtomicInteger running = new AtomicInteger();

    /**
     * @param log receives one line for each task that did something
     * @param failures receives the failures of tasks
     */
    public Daemon(TaskRecord record, Clock clock, Consumer<String> log, Consumer<PluralityException> failures) {
        this.record = record;
        this.clock = clock;
        this.log = log;
        this.failures = failures;
    }

    /**
     * @param atOnce names of tasks that also run at the start, unless they are never scheduled
     * @return stops the schedule
     */
    public Stop start(List<ScheduledTask> tasks, Set<String> atOnce) throws PluralityException {
        try {
            String name = "plurality-" + UUID.randomUUID();
            RAMJobStore store = new RAMJobStore();
            SimpleThreadPool threads = new SimpleThreadPool(THREADS, Thread.NORM_PRIORITY);
            threads.setThreadNamePrefix("task");
            DirectSchedulerFactory factory = DirectSchedulerFactory.getInstance();
            factory.createScheduler(name, name, threads, store);
            Scheduler scheduler = factory.getScheduler(name);
            Map<String, ScheduledTask> byName = new HashMap<>();
            tasks.forEach(task -> byName.put(task.name(), task));
            scheduler.setJobFactory((bundle, _) -> {
                ScheduledTask task = Objects.requireNonNull(
                        byName.get(bundle.getJobDetail().getKey().getName()));
                return new TaskJob(() -> run(task));
            });
            for (ScheduledTask task : tasks) {
                if (!task.checked().isNever()) {
                    scheduler.scheduleJob(
                            JobBuilder.newJob(TaskJob.class)
                                    .withIdentity(task.name())
                                    .build(),
                            trigger(task));
                    if (atOnce.contains(task.name())) {
                        scheduler.triggerJob(JobKey.jobKey(task.name()));
                    }
                }
            }
            scheduler.start();
            return patience -> stop(scheduler, patience);
        } catch (SchedulerException e) {
            throw failed("cannot start the daemon", e);
        }
    }

    /** Stops the schedule. */
    @FunctionalInterface
    public interface Stop {
        /**
         * Starts no more tasks, and waits for those that run.
         *
         * @return whether all tasks ended in that time
         */
        boolean within(Duration patience) throws PluralityException;
    }

    private boolean stop(Scheduler scheduler, Duration patience) throws PluralityException {
        try {
            scheduler.shutdown(false);
        } catch (SchedulerException e) {
            throw failed("cannot stop the daemon", e);
        }
        long deadline = System.nanoTime() + patience.toNanos();
        try {
            while (running.get() > 0 && System.nanoTime() < deadline) {
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return running.get() == 0;
    }

    private static Trigger trigger(ScheduledTask task) {
        return TriggerBuilder.newTrigger()
                .withIdentity(task.name())
                .withSchedule(CronScheduleBuilder.cronSchedule(task.cron()).withMisfireHandlingInstructionDoNothing())
                .build();
    }

    void run(ScheduledTask task) {
        running.incrementAndGet();
        Instant began = clock.instant();
        boolean ok = false;
        try {
            String done = task.task().run();
            ok = true;
            if (!done.isEmpty()) {
                log.accept(task.name() + ": " + done);
            }
        } catch (PluralityException e) {
            failures.accept(e);
        } catch (RuntimeException e) {
            failures.accept(failed("cannot " + task.name(), e));
        } catch (OutOfMemoryError e) {
            failures.accept(new PluralityException(
                    FailureKind.OTHER,
                    "cannot " + task.name() + ": out of memory",
                    "give the daemon a larger heap, for example PLURALITY_STAGEIN_HEAP=1g in its environment",
                    e));
        } finally {
            running.decrementAndGet();
            Instant now = clock.instant();
            record.add(task.name(), ok, Duration.between(began, now).toMillis() / 1000.0, now);
        }
    }

    private static PluralityException failed(String what, Exception cause) {
        return new PluralityException(
                FailureKind.OTHER,
                what + ": " + cause.getMessage(),
                "run it again with --debug and report this",
                cause);
    }
}
