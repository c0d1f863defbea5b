// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers.cli;

import java.io.IOException;
import java.io.PrintStream;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.arguments.Flag;
import org.plurality.arguments.Parameter;
import org.plurality.config.Settings;
import org.plurality.containers.Container;
import org.plurality.containers.ContainerDocument;
import org.plurality.containers.ContainerName;
import org.plurality.containers.RunState;
import org.plurality.display.ByteCount;
import org.plurality.failure.PluralityException;
import org.plurality.json.JsonObject;

final class StatusCommand implements Command {
    private final Arguments arguments =
            new Arguments("status", "Shows whether a container runs, and what it was made from.");
    private final Flag json = arguments.flag("--json", "Print one JSON object.");
    private final Parameter<String> name = arguments.parameter("NAME", "Of the container.");

    private final CliContext surroundings;

    StatusCommand(CliContext surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Arguments arguments() {
        return arguments;
    }

    @Override
    public Integer call() throws PluralityException, IOException {
        Settings settings = surroundings.settings();
        Container container = surroundings.store(settings).find(ContainerName.parse(name.get()));
        ContainerView report =
                ContainerView.of(container, surroundings.runs(settings).state(container));
        PrintStream out = surroundings.session().out();
        if (json.isGiven()) {
            out.println(JsonObject.line(report));
            return 0;
        }
        out.println("name       " + container.name());
        out.println("state      " + report.state().word());
        if (report.state() instanceof RunState.Running running) {
            out.println("pid        " + report.pid());
            out.println("since      " + running.since());
            out.println("how        "
                    + (running.background() ? "in the background, log " + container.log() : "in the foreground"));
        }
        out.println("directory  " + container.directory());
        if (report.document().isPresent()) {
            ContainerDocument made = report.document().get();
            out.println("image      " + made.image());
            out.println("digest     " + made.digest());
            out.println("created    " + made.createdAt());
            out.println("size       "
                    + (made.cache() == null ? ByteCount.of(made.bytes()) : "overlay over " + made.cache()));
        }
        return 0;
    }
}
