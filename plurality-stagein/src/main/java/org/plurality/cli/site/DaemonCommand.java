// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli.site;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.plurality.app.Session;
import org.plurality.app.retention.ExpiryFactory;
import org.plurality.app.retention.PrewarmFactory;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.cache.Cache;
import org.plurality.cache.CacheAccess;
import org.plurality.cli.common.CommonOptions;
import org.plurality.cli.common.ErrorReport;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.display.ByteCount;
import org.plurality.failure.PluralityException;
import org.plurality.health.events.EventLog;
import org.plurality.health.verification.Scrub;
import org.plurality.health.verification.VerificationMarks;
import org.plurality.health.verification.Verified;
import org.plurality.retention.expiry.CacheSnapshot;
import org.plurality.retention.expiry.Collector;
import org.plurality.retention.expiry.ImageUsage;
import org.plurality.retention.expiry.StopSignal;
import org.plurality.retention.inventory.Holding;
import org.plurality.retention.leases.LeaseKeeper;
import org.plurality.retention.prewarm.Prewarm;
import org.plurality.retention.schedule.Daemon;
import org.plurality.retention.schedule.MetricsFile;
import org.plurality.retention.schedule.ScheduledTask;
import org.plurality.retention.schedule.Task;
import org.plurality.retention.schedule.TaskRecord;

public final class DaemonCommand implements Command {
    /** Shorter than what {@link StopSignal} waits for. */
    private static final Duration PATIENCE = Duration.ofSeconds(4);

    private static final int USUAL_SCRUB_PERCENT = 10;
    private static final Duration USUAL_SCRUB_TIME = Duration.ofHours(2);
    private static final String METRICS = "metrics";

    private final Arguments arguments = new Arguments(
            "daemon",
            "Looks after a cache until it is told to end: expiry, leases that are over, damaged images, the site's list, metrics.",
            "Runs as the cache's owner. Several at once are harmless.");
    private final CommonOptions common = new CommonOptions(arguments);

    private final Session session;
    private final ErrorReport errors;

    public DaemonCommand(Session session, ErrorReport errors) {
        this.session = session;
        this.errors = errors;
    }

    @Override
    public Arguments arguments() {
        return arguments;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = common.settings(session.environment());
        Cache cache = ExpiryFactory.existing(settings, "cannot look after");
        CacheAccess.checkForWriting(cache.layout());
        StopSignal stop = new StopSignal();
        TaskRecord record = new TaskRecord();
        List<ScheduledTask> tasks = tasks(settings, cache, stop, record);
        Daemon daemon = new Daemon(
                record, Clock.systemUTC(), session.err()::println, failure -> errors.report(failure, common.debug()));
        Daemon.Stop end = daemon.start(tasks, Set.of(METRICS));
        stop.install();
        session.err().println("looking after " + cache.layout().root());
        try {
            stop.await();
            end.within(PATIENCE);
        } finally {
            stop.end();
        }
        return 0;
    }

    private List<ScheduledTask> tasks(Settings settings, Cache cache, StopSignal stop, TaskRecord record)
            throws PluralityException {
        List<ScheduledTask> tasks = new ArrayList<>();
        add(tasks, settings, "expire", Key.SCHEDULE_EXPIRE, "0 7/15 * * * ?", () -> expire(settings, cache, stop));
        add(tasks, settings, "reap", Key.SCHEDULE_REAP, "30 0/5 * * * ?", () -> reap(settings, cache));
        add(tasks, settings, "scrub", Key.SCHEDULE_SCRUB, "0 40 1 * * ?", () -> scrub(settings, cache, stop));
        Optional<Path> list = settings.path(Key.PREWARM_FILE);
        if (list.isPresent()) {
            add(tasks, settings, "prewarm", Key.SCHEDULE_PREWARM, "0 20 3 * * ?", () -> prewarm(settings, list.get()));
        }
        Optional<Path> metrics = settings.path(Key.METRICS_FILE);
        if (metrics.isPresent()) {
            add(
                    tasks,
                    settings,
                    METRICS,
                    Key.SCHEDULE_METRICS,
                    "15 0/5 * * * ?",
                    () -> metrics(settings, cache, stop, record, metrics.get()));
        }
        return tasks;
    }

    private static void add(
            List<ScheduledTask> tasks, Settings settings, String name, Key schedule, String usual, Task task)
            throws PluralityException {
        String cron = settings.value(schedule).orElse(usual);
        tasks.add(new ScheduledTask(name, cron, schedule.key(), task).checked());
    }

    private String expire(Settings settings, Cache cache, StopSignal stop) throws PluralityException {
        Collector.Outcome outcome = ExpiryFactory.pass(cache, settings, stop).run(session.err()::println);
        for (PluralityException problem : outcome.problems()) {
            errors.report(problem, common.debug());
        }
        long bytes = 0;
        for (var gone : outcome.expired()) {
            bytes += gone.candidate().bytes();
        }
        return outcome.expired().size() + " images of " + ByteCount.of(bytes) + " removed, "
                + (outcome.decisions().size() - outcome.expired().size()) + " kept";
    }

    private String scrub(Settings settings, Cache cache, StopSignal stop) throws PluralityException {
        Scrub.Outcome outcome = new Scrub(
                        cache,
                        new EventLog(cache.layout(), Clock.systemUTC()),
                        (int) settings.number(Key.SCRUB_PERCENT, USUAL_SCRUB_PERCENT, 1, 100),
                        settings.duration(Key.SCRUB_TIME, USUAL_SCRUB_TIME),
                        stop::isAsked,
                        System::nanoTime)
                .run();
        for (PluralityException problem : outcome.problems()) {
            errors.report(problem, common.debug());
        }
        for (Verified damaged : outcome.damaged()) {
            errors.report(VerifyCommand.damaged(damaged), common.debug());
        }
        return outcome.images() + " images of " + ByteCount.of(outcome.bytes()) + " verified, "
                + outcome.damaged().size() + " damaged";
    }

    private static String reap(Settings settings, Cache cache) throws PluralityException {
        LeaseKeeper keeper = ExpiryFactory.keeper(cache, settings);
        int reaped = keeper.reap(keeper.census(Holding.leased(cache), Holding.now(cache)));
        return reaped == 0 ? "" : reaped + " leases were over";
    }

    private String prewarm(Settings settings, Path list) throws PluralityException {
        Prewarm.Outcome outcome = new PrewarmFactory(session, settings, common.debug(), "none")
                .run(list, _ -> {}, failure -> errors.report(failure, common.debug()));
        return outcome.staged() + " images staged in, " + outcome.present() + " were there, " + outcome.failed()
                + " failed";
    }

    private static String metrics(Settings settings, Cache cache, StopSignal stop, TaskRecord record, Path file)
            throws PluralityException {
        Collector collector = ExpiryFactory.collector(cache, settings, stop);
        CacheSnapshot survey = collector.survey(collector.now());
        long bytes = 0;
        long inodes = 0;
        long leases = 0;
        long pins = 0;
        long leased = 0;
        VerificationMarks.Count verified = new VerificationMarks(cache.layout())
                .count(survey.candidates().stream().map(ImageUsage::digest).toList());
        for (ImageUsage candidate : survey.candidates()) {
            bytes += candidate.bytes();
            inodes += candidate.inodes();
            pins += candidate.isPinned() ? 1 : 0;
            leases += candidate.holders().size();
            leased += candidate.holders().isEmpty() ? 0 : 1;
        }
        new MetricsFile(file)
                .gauge(
                        "plurality_images",
                        "Images in the cache.",
                        survey.candidates().size())
                .gauge("plurality_image_bytes", "Bytes in their root filesystems.", bytes)
                .gauge("plurality_image_inodes", "Files and directories in these.", inodes)
                .gauge(
                        "plurality_blob_bytes",
                        "Bytes of kept layers.",
                        survey.occupancy().blobBytes())
                .gauge(
                        "plurality_free_bytes",
                        "Free on the cache's filesystem.",
                        survey.occupancy().freeBytes())
                .gauge("plurality_leases", "Leases that hold.", leases)
                .gauge("plurality_leased_images", "Images that a lease holds.", leased)
                .gauge("plurality_pinned_images", "Images that are pinned.", pins)
                .gauge("plurality_verified_images", "Images that were verified in depth.", verified.images())
                .gauge(
                        "plurality_damaged_images",
                        "Images that were damaged when they were verified.",
                        verified.damaged())
                .gauge(
                        "plurality_oldest_verification_timestamp_seconds",
                        "When the image was verified that was verified longest ago; 0 before all were.",
                        verified.oldest().getEpochSecond())
                .tasks(record)
                .write();
        return "";
    }
}
