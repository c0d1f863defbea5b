package org.plurality.umbrella;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.plurality.config.Settings;
import org.plurality.container.Container;
import org.plurality.container.ContainerName;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "stop", description = "Ends a container that runs: TERM, and KILL after a while.")
final class StopCommand implements Callable<Integer> {
    private static final long LONGEST_SECONDS = 365L * 24 * 3600;

    @Option(
            names = {"-t", "--time"},
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "Between TERM and KILL (default: ${DEFAULT-VALUE}).")
    private long seconds;

    @Option(names = "--forget", description = "End nothing: forget a run on a host that will not come back.")
    private boolean forget;

    @Parameters(paramLabel = "NAME", description = "Of the container.")
    private String name = "";

    private final Surroundings surroundings;

    StopCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws PluralityException {
        if (seconds < 0 || seconds > LONGEST_SECONDS) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot wait " + seconds + " s before KILL: it is not a number from 0 to " + LONGEST_SECONDS,
                    "check --time");
        }
        Settings settings = surroundings.settings();
        Container container = surroundings.store(settings).find(ContainerName.parse(name));
        if (forget) {
            surroundings.runs(settings).forget(container);
        } else if (!surroundings.ending(settings).stop(container, Duration.ofSeconds(seconds))) {
            surroundings.say(false, container.name() + " does not run");
        }
        return 0;
    }
}
