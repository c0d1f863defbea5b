// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers.cli;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.arguments.Flag;
import org.plurality.arguments.Parameter;
import org.plurality.config.Settings;
import org.plurality.containers.Container;
import org.plurality.containers.ContainerName;
import org.plurality.containers.RunState;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

final class LogsCommand implements Command {
    private final Arguments arguments =
            new Arguments("logs", "Shows what a container printed that runs in the background, or did last.");
    private final Flag follow = arguments.flag("-f, --follow", "Go on until the container ends.");
    private final Parameter<String> name = arguments.parameter("NAME", "Of the container.");

    private final CliContext surroundings;

    LogsCommand(CliContext surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Arguments arguments() {
        return arguments;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = surroundings.settings();
        Container container = surroundings.store(settings).find(ContainerName.parse(name.get()));
        if (!Files.exists(container.log())) {
            throw new PluralityException(
                    FailureKind.NOT_FOUND,
                    "cannot show the log of " + name.get() + ": it never ran in the background",
                    "run it there: plurality run -d " + name.get());
        }
        List<String> line = new ArrayList<>(List.of("/usr/bin/tail", "-n", "+1"));
        RunState state = surroundings.runs(settings).state(container);
        if (follow.isGiven() && state instanceof RunState.Running running) {
            line.addAll(List.of("-f", "--pid=" + (running.keeper() == 0 ? running.pid() : running.keeper())));
        } else if (follow.isGiven() && state instanceof RunState.Elsewhere) {
            line.add("-f");
        }
        line.addAll(List.of("--", container.log().toString()));
        surroundings.session().become(line);
        return 0;
    }
}
