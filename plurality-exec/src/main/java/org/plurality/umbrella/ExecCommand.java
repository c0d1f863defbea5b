package org.plurality.umbrella;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.plurality.config.Settings;
import org.plurality.container.Container;
import org.plurality.container.ContainerName;
import org.plurality.container.Start;
import org.plurality.failure.PluralityException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "exec", description = "Runs a program in a container that runs; its exit status is the program's.")
final class ExecCommand implements Callable<Integer> {
    @Option(
            names = {"-e", "--env"},
            paramLabel = "NAME[=VALUE]",
            description = "Set a variable, without VALUE to what it is here; may be given again.")
    private List<String> variables = new ArrayList<>();

    @Option(
            names = {"-w", "--workdir"},
            paramLabel = "DIR",
            description = "Start there, in the container.")
    private @Nullable String workDirectory;

    @Parameters(index = "0", paramLabel = "NAME", description = "Of the container.")
    private String name = "";

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "COMMAND", description = "With its arguments.")
    private List<String> command = new ArrayList<>();

    private final Surroundings surroundings;

    ExecCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws PluralityException {
        Session session = surroundings.session();
        Settings settings = surroundings.settings();
        Container container = surroundings.store(settings).find(ContainerName.parse(name));
        boolean terminal = session.isTerminal();
        List<String> set = Surroundings.variables(terminal ? List.of("TERM") : List.of(), session.environment());
        set.addAll(Surroundings.variables(variables, session.environment()));
        session.become(surroundings
                .start(settings)
                .inside(
                        container,
                        new Start.Wishes(
                                command, set, Surroundings.workDirectory(workDirectory), List.of(), terminal)));
        return 0;
    }
}
