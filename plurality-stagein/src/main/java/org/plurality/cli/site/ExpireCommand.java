// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli.site;

import java.time.Instant;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Optional;
import java.util.Set;
import org.plurality.app.Session;
import org.plurality.app.retention.ExpiryFactory;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.arguments.Flag;
import org.plurality.cache.Cache;
import org.plurality.cache.CacheAccess;
import org.plurality.cli.common.CommonOptions;
import org.plurality.cli.common.ErrorReport;
import org.plurality.cli.common.JsonOutput;
import org.plurality.config.Settings;
import org.plurality.display.ByteCount;
import org.plurality.display.Table;
import org.plurality.failure.PluralityException;
import org.plurality.failure.Printable;
import org.plurality.retention.expiry.CacheSnapshot;
import org.plurality.retention.expiry.Collector;
import org.plurality.retention.expiry.Decision;
import org.plurality.retention.expiry.StopSignal;

public final class ExpireCommand implements Command {
    private final Arguments arguments = new Arguments(
            "expire",
            "One pass: removes leases that are over, images that the rules let go, and what was left behind.",
            "Prints what becomes of every image, and why.");
    private final CommonOptions common = new CommonOptions(arguments);
    private final Flag dryRun = arguments.flag("--dry-run", "Only say what would be done.");
    private final Flag json = arguments.flag("--json", "Print one JSON object for each image.");
    private final Flag quiet = arguments.flag("-q, --quiet", "Print only what goes.");

    private final Session session;
    private final ErrorReport errors;

    public ExpireCommand(Session session, ErrorReport errors) {
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
        Cache cache = ExpiryFactory.existing(settings, "cannot expire images in");
        StopSignal stop = new StopSignal();
        Table table = new Table("IMAGE", "DIGEST", ">SIZE", "EXPIRES", "WHY");
        if (dryRun.isGiven()) {
            Collector collector = ExpiryFactory.collector(cache, settings, stop);
            CacheSnapshot survey = collector.survey(ExpiryFactory.now(cache, session.err()));
            for (Decision decision : collector.plan(survey)) {
                print(decision, decision.expires(), decision.why(), table);
            }
            finish(table);
            return 0;
        }
        CacheAccess.checkForWriting(cache.layout());
        CacheAccess.checkWhoRemoves(cache.layout(), "cannot expire images in");
        stop.install();
        try {
            return run(ExpiryFactory.pass(cache, settings, stop).run(session.err()::println), table);
        } finally {
            stop.end();
        }
    }

    private int run(Collector.Outcome outcome, Table table) throws PluralityException {
        // By identity, as they are the same ones: beside ten thousand others each would be compared with all.
        Set<Decision> gone = Collections.newSetFromMap(new IdentityHashMap<>());
        gone.addAll(outcome.expired());
        for (Decision decision : outcome.decisions()) {
            boolean isGone = gone.contains(decision);
            String meanwhile = outcome.kept().get(decision.candidate().digest());
            String why = isGone || meanwhile == null ? decision.why() : meanwhile;
            print(decision, isGone, why, table);
        }
        finish(table);
        int worst = 0;
        for (PluralityException problem : outcome.problems()) {
            worst = Math.max(worst, errors.report(problem, common.debug()));
        }
        return worst;
    }

    private void print(Decision decision, boolean expires, String why, Table table) throws PluralityException {
        if (quiet.isGiven() && !expires) {
            return;
        }
        var candidate = decision.candidate();
        if (!json.isGiven()) {
            table.row(
                    Printable.line(candidate.title()),
                    candidate.digest().abbreviated(),
                    ByteCount.of(candidate.bytes()),
                    expires ? "yes" : "no",
                    Printable.line(why));
            return;
        }
        JsonOutput.print(session.out(), out -> {
            out.writeStringField("digest", candidate.digest().toString());
            out.writeArrayFieldStart("names");
            for (String name : candidate.names()) {
                out.writeString(name);
            }
            out.writeEndArray();
            out.writeNumberField("bytes", candidate.bytes());
            out.writeNumberField("inodes", candidate.inodes());
            out.writeStringField("lastUse", candidate.lastUse().toString());
            out.writeBooleanField("pinned", candidate.isPinned());
            out.writeBooleanField("expires", expires);
            out.writeStringField("why", Printable.line(why));
            Optional<Instant> due = decision.due();
            if (due.isPresent()) {
                out.writeStringField("due", due.get().toString());
            }
        });
    }

    private void finish(Table table) {
        if (!json.isGiven() && !(quiet.isGiven() && table.isEmpty())) {
            table.print(session.out());
        }
    }
}
