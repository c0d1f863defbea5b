// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers.cli;

import java.time.Duration;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.arguments.Flag;
import org.plurality.arguments.Parameter;
import org.plurality.arguments.Value;
import org.plurality.config.Settings;
import org.plurality.containers.Container;
import org.plurality.containers.ContainerName;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

final class StopCommand implements Command {
    private static final long USUAL_SECONDS = 10;
    private static final long LONGEST_SECONDS = 365L * 24 * 3600;

    private final Arguments arguments =
            new Arguments("stop", "Ends a container that runs: TERM, and KILL after a while.");
    private final Value<Long> seconds = arguments.option(
            "-t, --time", Long.class, "SECONDS", "Between TERM and KILL (default: " + USUAL_SECONDS + ").");
    private final Flag forget =
            arguments.flag("--forget", "End nothing: forget a run on a host that will not come back.");
    private final Parameter<String> name = arguments.parameter("NAME", "Of the container.");

    private final CliContext surroundings;

    StopCommand(CliContext surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Arguments arguments() {
        return arguments;
    }

    @Override
    public Integer call() throws PluralityException {
        long wait = seconds.orElse(USUAL_SECONDS);
        if (wait < 0 || wait > LONGEST_SECONDS) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot wait " + wait + " s before KILL: it is not a number from 0 to " + LONGEST_SECONDS,
                    "check --time");
        }
        Settings settings = surroundings.settings();
        Container container = surroundings.store(settings).find(ContainerName.parse(name.get()));
        if (forget.isGiven()) {
            surroundings.runs(settings).forget(container);
        } else if (!surroundings.ending(settings).stop(container, Duration.ofSeconds(wait))) {
            surroundings.say(false, container.name() + " does not run");
        }
        return 0;
    }
}
