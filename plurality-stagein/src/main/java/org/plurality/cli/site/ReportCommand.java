// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli.site;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.UUID;
import org.plurality.app.Session;
import org.plurality.app.retention.ExpiryFactory;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.arguments.Parameter;
import org.plurality.cache.Cache;
import org.plurality.cli.common.CommonOptions;
import org.plurality.config.Settings;
import org.plurality.failure.PluralityException;
import org.plurality.health.events.EventLog;
import org.plurality.health.report.History;
import org.plurality.health.report.ReportContents;
import org.plurality.health.report.ReportPage;
import org.plurality.retention.expiry.CacheSnapshot;
import org.plurality.retention.expiry.Collector;
import org.plurality.retention.expiry.StopSignal;

public final class ReportCommand implements Command {
    private final Arguments arguments = new Arguments(
            "report",
            "Writes a page about the cache: size over time, what goes next, hits and misses, largest images, errors.",
            "One file, without scripts and without anything from elsewhere.");
    private final CommonOptions common = new CommonOptions(arguments);
    private final Parameter<String> file =
            arguments.requiredOption("--html", "FILE", "Where to; - for standard output.");

    private final Session session;

    public ReportCommand(Session session) {
        this.session = session;
    }

    @Override
    public Arguments arguments() {
        return arguments;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = common.settings(session.environment());
        Cache cache = ExpiryFactory.existing(settings, "cannot report on");
        Collector collector = ExpiryFactory.collector(cache, settings, new StopSignal());
        Instant now = ExpiryFactory.now(cache, session.err());
        CacheSnapshot survey = collector.survey(now);
        History history;
        try {
            history = History.read(new EventLog(cache.layout(), Clock.systemUTC()), now);
        } catch (IOException e) {
            throw PluralityException.storage("cannot read " + cache.layout().log(), e);
        }
        write(ReportPage.of(new ReportContents(
                cache.layout().root().toString(),
                now,
                collector.plan(survey),
                survey.occupancy(),
                ExpiryFactory.policy(settings),
                UsageCommand.usages(cache, survey),
                history)));
        return 0;
    }

    /** Who looks at it meanwhile sees the old page or the new one. */
    private void write(String page) throws PluralityException {
        if (file.get().equals("-")) {
            session.out().print(page);
            return;
        }
        Path target = Path.of(file.get()).toAbsolutePath();
        Path scratch = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID());
        try {
            Files.writeString(scratch, page, StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW);
            Files.move(scratch, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            try {
                Files.deleteIfExists(scratch);
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            throw PluralityException.storage("cannot write " + target, e);
        }
    }
}
