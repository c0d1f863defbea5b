// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers.cli;

import java.util.List;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.arguments.Parameter;
import org.plurality.arguments.Value;
import org.plurality.arguments.Values;
import org.plurality.config.Settings;
import org.plurality.containers.Container;
import org.plurality.containers.RunPlanner;
import org.plurality.failure.PluralityException;

final class ExecCommand implements Command {
    private final Arguments arguments =
            new Arguments("exec", "Runs a program in a container that runs; its exit status is the program's.");
    private final Values variables = arguments.options(
            "-e, --env", "NAME[=VALUE]", "Set a variable, without VALUE to what it is here; may be given again.");
    private final Value<String> workDirectory =
            arguments.option("-w, --workdir, --pwd", "DIR", "Start there, in the container.");
    private final TerminalOptions terminalWanted = new TerminalOptions(arguments);
    private final Parameter<String> name = arguments.parameter("NAME", "Of the container.");
    private final Values command = arguments.parameters(1, "COMMAND", "With its arguments.");

    private final CliContext surroundings;

    ExecCommand(CliContext surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Arguments arguments() {
        return arguments;
    }

    @Override
    public Integer call() throws PluralityException {
        Session session = surroundings.session();
        Settings settings = surroundings.settings();
        Container container = surroundings.containerToRun(settings, name.get(), command.get());
        boolean terminal = session.isTerminal();
        terminalWanted.check(terminal);
        List<String> set = CliContext.variables(terminal ? List.of("TERM") : List.of(), session.environment());
        set.addAll(CliContext.variables(variables.get(), session.environment()));
        session.become(surroundings
                .start(settings)
                .inside(
                        container,
                        new RunPlanner.Wishes(
                                command.get(),
                                set,
                                CliContext.workDirectory(workDirectory.get()),
                                List.of(),
                                terminal)));
        return 0;
    }
}
