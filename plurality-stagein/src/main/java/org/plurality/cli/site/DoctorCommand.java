// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli.site;

import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.plurality.app.Session;
import org.plurality.app.retention.ExpiryFactory;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.arguments.Flag;
import org.plurality.cli.common.CommonOptions;
import org.plurality.cli.common.JsonOutput;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.failure.PluralityException;
import org.plurality.health.diagnosis.CacheDoctor;
import org.plurality.health.diagnosis.Finding;
import org.plurality.health.diagnosis.KernelDoctor;
import org.plurality.health.diagnosis.RuntimeDoctor;
import org.plurality.health.diagnosis.SiteCacheDoctor;
import org.plurality.pull.RootfsKindSelector;
import org.plurality.unpack.squashfs.SquashfsTools;

public final class DoctorCommand implements Command {
    private final Arguments arguments = new Arguments(
            "doctor",
            "Tries the cache's filesystem, the kernel and the container runtime, and says what will not work here and"
                    + " why.",
            "Run it as an ordinary user, on a node where jobs run. Ends with 1 when something is a problem.");
    private final CommonOptions common = new CommonOptions(arguments);
    private final Flag json = arguments.flag("--json", "Print one JSON object for each finding.");

    private final Session session;

    public DoctorCommand(Session session) {
        this.session = session;
    }

    @Override
    public Arguments arguments() {
        return arguments;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = common.settings(session.environment());
        SquashfsTools tools = SquashfsTools.of(session.environment());
        List<Finding> findings = new ArrayList<>(new CacheDoctor(
                        settings.cache(),
                        settings.values(Key.SQUASHFS_FILESYSTEMS),
                        RootfsKindSelector.canSquash(tools),
                        ExpiryFactory.wait(settings),
                        Clock.systemUTC())
                .findings());
        for (Path site : common.caches(settings)) {
            if (!site.equals(settings.cache())) {
                findings.add(new SiteCacheDoctor(site).finding());
            }
        }
        findings.addAll(new KernelDoctor(session.environment()).findings());
        findings.addAll(new RuntimeDoctor(
                        settings.value(Key.RUNTIME).orElseGet(() -> RuntimeDoctor.usual(session.environment())),
                        session.environment(),
                        tools)
                .findings());
        String area = "";
        int worst = 0;
        for (Finding finding : findings) {
            worst = finding.level() == Finding.Level.PROBLEM ? 1 : worst;
            if (json.isGiven()) {
                printJson(finding);
                continue;
            }
            if (!finding.area().equals(area)) {
                area = finding.area();
                session.out().println(area);
            }
            session.out()
                    .println(String.format(
                            "  %-7s  %-19s  %s", finding.level().label(), finding.check(), finding.found()));
            if (!finding.hint().isEmpty()) {
                session.out().println(" ".repeat(32) + finding.hint());
            }
        }
        return worst;
    }

    private void printJson(Finding finding) throws PluralityException {
        JsonOutput.print(session.out(), out -> {
            out.writeStringField("area", finding.area());
            out.writeStringField("check", finding.check());
            out.writeStringField("level", finding.level().label());
            out.writeStringField("found", finding.found());
            if (!finding.hint().isEmpty()) {
                out.writeStringField("hint", finding.hint());
            }
        });
    }
}
