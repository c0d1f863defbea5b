package org.plurality.command;

import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The commands, and how each ends: exit code, error and hint. */
final class CommandLineProgram {
    static final String NAME = "plurality-stagein";

    private final Session session;
    private final InputStream input;

    CommandLineProgram(Session session) {
        this(session, System.in);
    }

    /** @param input for what is not to stand in a command line */
    CommandLineProgram(Session session, InputStream input) {
        this.session = session;
        this.input = input;
    }

    @Command(
            name = NAME,
            description = "Stages container images into a cache on a shared filesystem, ahead of the job.",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            synopsisSubcommandLabel = "COMMAND")
    static final class Root implements Runnable {
        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it before run.
        private CommandSpec spec;

        @Override
        public void run() {
            throw new ParameterException(spec.commandLine(), "no command is given");
        }
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Version.class.getPackage().getImplementationVersion();
            return new String[] {NAME + " " + (version == null ? "(not packaged)" : version)};
        }
    }

    CommandLine commands() {
        ErrorReport errors = new ErrorReport(session);
        CommandLine commands = new CommandLine(new Root())
                .addSubcommand(new PullCommand(session, errors))
                .addSubcommand(new ResolveCommand(session))
                .addSubcommand(new LoginCommand(session, input))
                .addSubcommand(new LogoutCommand(session))
                .addSubcommand(new ListCommand(session, errors))
                .addSubcommand(new InspectCommand(session))
                .addSubcommand(new PathCommand(session))
                .addSubcommand(new RemoveCommand(session))
                .addSubcommand(new PinCommand(session))
                .addSubcommand(new UnpinCommand(session))
                .addSubcommand(new CommandLine(new LeaseCommand())
                        .addSubcommand(new LeaseCommand.Add(session))
                        .addSubcommand(new LeaseCommand.Renew(session))
                        .addSubcommand(new LeaseCommand.Release(session))
                        .addSubcommand(new LeaseCommand.ListLeases(session)))
                .addSubcommand(new ExpireCommand(session, errors))
                .addSubcommand(new VerifyCommand(session, errors))
                .addSubcommand(new DoctorCommand(session))
                .addSubcommand(new StatusCommand(session))
                .addSubcommand(new UsageCommand(session))
                .addSubcommand(new ReportCommand(session))
                .addSubcommand(new InitCommand(session))
                .addSubcommand(new PrewarmCommand(session, errors))
                .addSubcommand(new DaemonCommand(session, errors));
        commands.setOut(new PrintWriter(session.out(), true, StandardCharsets.UTF_8));
        commands.setErr(new PrintWriter(session.err(), true, StandardCharsets.UTF_8));
        commands.setParameterExceptionHandler((failure, _) -> errors.report(
                new PluralityException(
                        FailureKind.USAGE,
                        "cannot understand the command line: " + failure.getMessage(),
                        "'" + failure.getCommandLine().getCommandSpec().qualifiedName()
                                + " --help' lists what it takes",
                        failure),
                false));
        commands.setExecutionExceptionHandler(
                (failure, command, _) -> errors.report(failure, CommonOptions.isDebug(command)));
        return commands;
    }

    /** Returns the exit code. */
    int run(String[] arguments) {
        try {
            return commands().execute(arguments);
        } catch (OutOfMemoryError e) {
            return new ErrorReport(session)
                    .report(
                            new PluralityException(
                                    FailureKind.OTHER,
                                    "cannot go on: out of memory",
                                    "give it more: PLURALITY_STAGEIN_HEAP=2g",
                                    e),
                            false);
        }
    }
}
