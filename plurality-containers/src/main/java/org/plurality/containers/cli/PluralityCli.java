// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.util.List;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.HelpWords;
import org.plurality.arguments.NotUnderstood;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import picocli.CommandLine;

/** The commands, and how each ends: exit code, error and hint. */
final class PluralityCli {
    private static final String NAME = "plurality";

    /** Commands that the script {@code plurality} gives to other programs. */
    private static final List<String> OF_SCRIPT =
            List.of("pull", "images", "inspect", "path", "rm", "login", "logout", "submit", "broadcast", "stagein");

    private final Session session;

    PluralityCli(Session session) {
        this.session = session;
    }

    CommandLine commands() {
        Arguments arguments = Arguments.inherited(NAME, "Containers of one's own, by name.");
        Verbosity verbosity = new Verbosity(arguments);
        CliContext surroundings = new CliContext(session, verbosity);
        CommandLine run = new RunCommand(surroundings).commandLine();
        CommandLine exec = new ExecCommand(surroundings).commandLine();
        CommandLine commands = arguments
                .group("no command is given")
                .addSubcommand(new CreateCommand(surroundings).commandLine())
                .addSubcommand(run)
                .addSubcommand(new ListCommand(surroundings).commandLine())
                .addSubcommand(new StatusCommand(surroundings).commandLine())
                .addSubcommand(new StopCommand(surroundings).commandLine())
                .addSubcommand(new LogsCommand(surroundings).commandLine())
                .addSubcommand(exec)
                .addSubcommand(new DeleteCommand(surroundings).commandLine())
                .addSubcommand(new SpecCommand(surroundings).commandLine());
        // What follows a container's name is the program's.
        run.setStopAtPositional(true);
        exec.setStopAtPositional(true);
        commands.setOut(new PrintWriter(session.out(), true, StandardCharsets.UTF_8));
        commands.setErr(new PrintWriter(session.err(), true, StandardCharsets.UTF_8));
        commands.setParameterExceptionHandler((failure, _) -> report(
                new NotUnderstood(OF_SCRIPT, OtherTools::command, OtherTools::option).explain(failure),
                failure.getCommandLine(),
                false));
        commands.setExecutionExceptionHandler(
                (failure, command, _) -> report(failure, command, verbosity.isDebug(session.environment())));
        return commands;
    }

    /** Returns the exit code. */
    int run(String[] arguments) {
        return commands().execute(HelpWords.asOptions(arguments));
    }

    private int report(Exception failure, CommandLine command, boolean debug) {
        PluralityException known =
                switch (failure) {
                    case PluralityException plurality -> plurality;
                    case InvalidPathException path ->
                        new PluralityException(
                                FailureKind.USAGE,
                                "cannot use the path '" + path.getInput() + "': " + path.getReason(),
                                "check the options and HOME",
                                path);
                    default ->
                        new PluralityException(
                                FailureKind.OTHER,
                                "cannot go on: " + failure,
                                "run it again with --debug and report what it prints",
                                failure);
                };
        session.err().println(NAME + ": " + known.getMessage());
        session.err().println("hint: " + known.hint());
        if (debug) {
            failure.printStackTrace(session.err());
        }
        return exitCode(known.kind(), command.getCommandName());
    }

    /** Of what runs a program, each other code is the program's. */
    private static int exitCode(FailureKind kind, String command) {
        boolean runsPrograms = command.equals("run") || command.equals("exec");
        boolean tellsOfProgram = kind == FailureKind.NO_PROGRAM || kind == FailureKind.NOT_EXECUTABLE;
        return runsPrograms && !tellsOfProgram ? FailureKind.EXEC_FAILED : kind.exitCode();
    }
}
