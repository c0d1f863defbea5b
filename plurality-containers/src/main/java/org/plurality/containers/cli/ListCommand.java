// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers.cli;

import java.io.IOException;
import java.time.Instant;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.arguments.Flag;
import org.plurality.config.Settings;
import org.plurality.containers.Container;
import org.plurality.containers.ContainerDocument;
import org.plurality.containers.RunClaims;
import org.plurality.display.ByteCount;
import org.plurality.display.Table;
import org.plurality.failure.PluralityException;
import org.plurality.json.JsonObject;

final class ListCommand implements Command {
    private final Arguments arguments = new Arguments("list", "Lists the containers.");
    private final Flag json = arguments.flag("--json", "Print one JSON object for each container.");

    private final CliContext surroundings;

    ListCommand(CliContext surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Arguments arguments() {
        return arguments;
    }

    @Override
    public Integer call() throws PluralityException, IOException {
        Settings settings = surroundings.settings();
        RunClaims runs = surroundings.runs(settings);
        Session session = surroundings.session();
        Table table = new Table("NAME", "IMAGE", "DIGEST", "STATE", ">PID", ">SIZE", ">CREATED");
        int worst = 0;
        for (Container container : surroundings.store(settings).list()) {
            try {
                ContainerView report = ContainerView.of(container, runs.state(container));
                if (json.isGiven()) {
                    session.out().println(JsonObject.line(report));
                } else {
                    add(report, table);
                }
            } catch (PluralityException damaged) {
                // The others are shown all the same.
                session.err().println("plurality: " + damaged.getMessage());
                session.err().println("hint: " + damaged.hint());
                worst = damaged.kind().exitCode();
            }
        }
        if (!json.isGiven()) {
            table.print(session.out());
        }
        return worst;
    }

    private static void add(ContainerView report, Table table) {
        String name = report.container().name().value();
        if (report.document().isEmpty()) {
            table.row(name, "-", "-", report.state().word(), report.pid(), "-", "-");
            return;
        }
        ContainerDocument made = report.document().get();
        table.row(
                name,
                made.image(),
                made.digest().abbreviated(),
                report.state().word(),
                report.pid(),
                made.cache() == null ? ByteCount.of(made.bytes()) : "overlay",
                Table.age(made.createdAt(), Instant.now()));
    }
}
