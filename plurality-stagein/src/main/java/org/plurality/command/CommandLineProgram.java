package org.plurality.command;

import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
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

    /** Of the commands, in the order in which help lists them. */
    private static final List<String> NAMES = List.of(
            "pull", "resolve", "login", "logout", "list", "inspect", "path", "rm", "pin", "unpin", "lease", "expire",
            "verify", "doctor", "status", "usage", "report", "init", "prewarm", "daemon");

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
            // The scripts around it know which build it is.
            return new String[] {NAME + " " + System.getenv().getOrDefault("PLURALITY_VERSION", "(not packaged)")};
        }
    }

    /** All of them. */
    CommandLine commands() {
        return commands(NAMES);
    }

    private CommandLine commands(List<String> names) {
        ErrorReport errors = new ErrorReport(session);
        CommandLine commands = new CommandLine(new Root());
        for (String name : names) {
            commands.addSubcommand(command(name, errors));
        }
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

    private Object command(String name, ErrorReport errors) {
        return switch (name) {
            case "pull" -> new PullCommand(session, errors);
            case "resolve" -> new ResolveCommand(session);
            case "login" -> new LoginCommand(session, input);
            case "logout" -> new LogoutCommand(session);
            case "list" -> new ListCommand(session, errors);
            case "inspect" -> new InspectCommand(session);
            case "path" -> new PathCommand(session);
            case "rm" -> new RemoveCommand(session);
            case "pin" -> new PinCommand(session);
            case "unpin" -> new UnpinCommand(session);
            case "lease" ->
                new CommandLine(new LeaseCommand())
                        .addSubcommand(new LeaseCommand.Add(session))
                        .addSubcommand(new LeaseCommand.Renew(session))
                        .addSubcommand(new LeaseCommand.Release(session))
                        .addSubcommand(new LeaseCommand.ListLeases(session));
            case "expire" -> new ExpireCommand(session, errors);
            case "verify" -> new VerifyCommand(session, errors);
            case "doctor" -> new DoctorCommand(session);
            case "status" -> new StatusCommand(session);
            case "usage" -> new UsageCommand(session);
            case "report" -> new ReportCommand(session);
            case "init" -> new InitCommand(session);
            case "prewarm" -> new PrewarmCommand(session, errors);
            case "daemon" -> new DaemonCommand(session, errors);
            default -> throw new IllegalArgumentException("no command " + name);
        };
    }

    /** Returns the exit code. The one command that is named first is made alone: all of them cost twice what a look-up does. */
    int run(String[] arguments) {
        boolean isNamed = arguments.length > 0 && NAMES.contains(arguments[0]);
        try {
            return commands(isNamed ? List.of(arguments[0]) : NAMES).execute(arguments);
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
