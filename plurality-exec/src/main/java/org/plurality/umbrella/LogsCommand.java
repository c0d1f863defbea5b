package org.plurality.umbrella;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.plurality.config.Settings;
import org.plurality.container.Container;
import org.plurality.container.ContainerName;
import org.plurality.container.RunState;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "logs", description = "Shows what a container printed that runs in the background, or did last.")
final class LogsCommand implements Callable<Integer> {
    @Option(
            names = {"-f", "--follow"},
            description = "Go on until the container ends.")
    private boolean follow;

    @Parameters(paramLabel = "NAME", description = "Of the container.")
    private String name = "";

    private final Surroundings surroundings;

    LogsCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = surroundings.settings();
        Container container = surroundings.store(settings).find(ContainerName.parse(name));
        if (!Files.exists(container.log())) {
            throw new PluralityException(
                    FailureKind.NOT_FOUND,
                    "cannot show the log of " + name + ": it never ran in the background",
                    "run it there: plurality run -d " + name);
        }
        List<String> line = new ArrayList<>(List.of("/usr/bin/tail", "-n", "+1"));
        RunState state = surroundings.runs(settings).state(container);
        if (follow && state instanceof RunState.Running running) {
            line.addAll(List.of("-f", "--pid=" + (running.keeper() == 0 ? running.pid() : running.keeper())));
        } else if (follow && state instanceof RunState.Elsewhere) {
            line.add("-f");
        }
        line.addAll(List.of("--", container.log().toString()));
        surroundings.session().become(line);
        return 0;
    }
}
