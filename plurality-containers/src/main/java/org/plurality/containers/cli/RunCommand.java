// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers.cli;

import java.util.List;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.arguments.Flag;
import org.plurality.arguments.Parameter;
import org.plurality.arguments.Values;
import org.plurality.config.Settings;
import org.plurality.containers.Container;
import org.plurality.containers.RunPlanner;
import org.plurality.containers.RunState;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.launch.Preflight;

final class RunCommand implements Command {
    private final Arguments arguments = new Arguments(
                    "run",
                    "Runs a container: in the foreground, with the terminal when there is one; its exit status is"
                            + " the program's.")
            .alias("r");
    private final BundleOptions bundle = new BundleOptions(arguments);
    private final Flag daemon = arguments.flag(
            "-d, --daemon, --detach",
            "In the background, with a log: returns once the program is started, and prints its pid.");
    private final Flag noDaemon =
            arguments.flag("--nodaemon", "In the foreground, as it is without -d (or ENV_NODAEMON=1).");
    private final TerminalOptions terminalWanted = new TerminalOptions(arguments);
    private final Parameter<String> name = arguments.parameter("NAME", "Of the container.");
    private final Values command = arguments.parameters(0, "COMMAND", "Instead of the image's own.");

    private final CliContext surroundings;

    RunCommand(CliContext surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Arguments arguments() {
        return arguments;
    }

    @Override
    public Integer call() throws PluralityException {
        Session session = surroundings.session();
        if (daemon.isGiven() && noDaemon.isGiven()) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot run " + name.get() + ": --daemon and --nodaemon contradict each other",
                    "give one of them");
        }
        Settings settings = surroundings.settings();
        Container container = surroundings.containerToRun(settings, name.get(), command.get());
        Preflight.userNamespaces();
        boolean terminal = !daemon.isGiven() && session.isTerminal();
        terminalWanted.check(terminal || daemon.isGiven());
        List<String> variables = CliContext.variables(terminal ? List.of("TERM") : List.of(), session.environment());
        variables.addAll(CliContext.variables(bundle.variables(), session.environment()));
        RunPlanner.Wishes wishes = new RunPlanner.Wishes(
                command.get(),
                variables,
                CliContext.workDirectory(bundle.workDirectory()),
                CliContext.binds(bundle.binds()),
                terminal);
        if (daemon.isGiven()) {
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
