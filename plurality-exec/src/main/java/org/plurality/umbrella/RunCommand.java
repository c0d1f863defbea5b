package org.plurality.umbrella;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.plurality.config.Settings;
import org.plurality.container.Container;
import org.plurality.container.ContainerName;
import org.plurality.container.RunState;
import org.plurality.container.Start;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.launch.Preflight;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "run",
        aliases = "r",
        description = "Runs a container: in the foreground, with the terminal when there is one; its exit status is the"
                + " program's.")
final class RunCommand implements Callable<Integer> {
    @Mixin
    private BundleOptions bundle = new BundleOptions();

    @Option(
            names = {"-d", "--daemon"},
            description = "In the background, with a log: returns once the program is started, and prints its pid.")
    private boolean daemon;

    @Option(names = "--nodaemon", description = "In the foreground, as it is without -d (or ENV_NODAEMON=1).")
    private boolean noDaemon;

    @Parameters(index = "0", paramLabel = "NAME", description = "Of the container.")
    private String name = "";

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "COMMAND", description = "Instead of the image's own.")
    private List<String> command = new ArrayList<>();

    private final Surroundings surroundings;

    RunCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws PluralityException {
        Session session = surroundings.session();
        if (daemon && noDaemon) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot run " + name + ": --daemon and --nodaemon contradict each other",
                    "give one of them");
        }
        Settings settings = surroundings.settings();
        Container container = surroundings.store(settings).find(ContainerName.parse(name));
        Preflight.userNamespaces();
        boolean terminal = !daemon && session.isTerminal();
        List<String> variables = Surroundings.variables(terminal ? List.of("TERM") : List.of(), session.environment());
        variables.addAll(Surroundings.variables(bundle.variables, session.environment()));
        Start.Wishes wishes = new Start.Wishes(
                command,
                variables,
                Surroundings.workDirectory(bundle.workDirectory),
                Surroundings.binds(bundle.binds),
                terminal);
        if (daemon) {
            surroundings.background(settings).run(container, wishes);
            if (surroundings.runs(settings).state(container) instanceof RunState.Running running
                    && running.pid() != 0) {
                session.out().println(running.pid());
            }
        } else {
            List<String> line = surroundings
                    .start(settings)
                    .foreground(container, wishes, session.launcher(), session.tree("libexec/foreground"));
            surroundings.say(true, "becoming " + String.join(" ", line));
            session.become(line);
        }
        return 0;
    }
}
