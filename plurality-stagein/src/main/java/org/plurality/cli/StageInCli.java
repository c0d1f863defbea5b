// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli;

import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.plurality.app.Session;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.arguments.HelpWords;
import org.plurality.arguments.NotUnderstood;
import org.plurality.cli.common.CommonOptions;
import org.plurality.cli.common.ErrorReport;
import org.plurality.cli.images.InitCommand;
import org.plurality.cli.images.InspectCommand;
import org.plurality.cli.images.LeaseCommand;
import org.plurality.cli.images.ListCommand;
import org.plurality.cli.images.PathCommand;
import org.plurality.cli.images.PinCommand;
import org.plurality.cli.images.RemoveCommand;
import org.plurality.cli.images.UnpinCommand;
import org.plurality.cli.pull.LoginCommand;
import org.plurality.cli.pull.LogoutCommand;
import org.plurality.cli.pull.PrewarmCommand;
import org.plurality.cli.pull.PullCommand;
import org.plurality.cli.pull.ResolveCommand;
import org.plurality.cli.site.DaemonCommand;
import org.plurality.cli.site.DoctorCommand;
import org.plurality.cli.site.ExpireCommand;
import org.plurality.cli.site.ReportCommand;
import org.plurality.cli.site.StatusCommand;
import org.plurality.cli.site.UsageCommand;
import org.plurality.cli.site.VerifyCommand;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import picocli.CommandLine;

/** The commands, and how each ends: exit code, error and hint. */
final class StageInCli {
    static final String NAME = Session.PROGRAM;

    /** Of the commands, in the order in which help lists them. */
    private static final List<String> NAMES = List.of(
            "pull", "resolve", "login", "logout", "list", "inspect", "path", "rm", "pin", "unpin", "lease", "expire",
            "verify", "doctor", "status", "usage", "report", "init", "prewarm", "daemon");

    /** What people type who know another tool, where it means the same. */
    private static final Map<String, String> ALIASES = Map.of("images", "list", "ls", "list", "rmi", "rm");

    private final Session session;
    private final InputStream input;

    StageInCli(Session session) {
        this(session, System.in);
    }

    /** @param input for what is not to stand in a command line */
    StageInCli(Session session, InputStream input) {
        this.session = session;
        this.input = input;
    }

    /** All of them. */
    CommandLine commands() {
        return commands(NAMES);
    }

    private CommandLine commands(List<String> names) {
        ErrorReport errors = new ErrorReport(session);
        CommandLine commands = new Arguments(
                        NAME, "Stages container images into a cache on a shared filesystem, ahead of the job.")
                .help("-h, --help", "Show this help message and exit.")
                // The scripts around it know which build it is.
                .version(
                        "-V, --version",
                        "Print version information and exit.",
                        NAME + " " + System.getenv().getOrDefault("PLURALITY_VERSION", "(not packaged)"))
                .group("no command is given");
        for (String name : names) {
            commands.addSubcommand(
                    name.equals("lease") ? leases() : command(name, errors).commandLine());
        }
        commands.setOut(new PrintWriter(session.out(), true, StandardCharsets.UTF_8));
        commands.setErr(new PrintWriter(session.err(), true, StandardCharsets.UTF_8));
        commands.setParameterExceptionHandler((failure, _) -> errors.report(
                new NotUnderstood(List.of(), OtherTools::command, OtherTools::option).explain(failure), false));
        commands.setExecutionExceptionHandler(
                (failure, command, _) -> errors.report(failure, CommonOptions.isDebug(command)));
        return commands;
    }

    private Command command(String name, ErrorReport errors) {
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

    private CommandLine leases() {
        return new Arguments("lease", "What jobs, processes and people hold: no expiry removes it.")
                .help("--help", "Show this help and exit.")
                .group("say which: add, renew, release or list")
                .addSubcommand(new LeaseCommand.Add(session).commandLine())
                .addSubcommand(new LeaseCommand.Renew(session).commandLine())
                .addSubcommand(new LeaseCommand.Release(session).commandLine())
                .addSubcommand(new LeaseCommand.ListLeases(session).commandLine());
    }

    /** Returns the exit code. The one command that is named first is made alone: all of them cost twice what a look-up does. */
    int run(String[] arguments) {
        String first = arguments.length > 0 ? ALIASES.getOrDefault(arguments[0], arguments[0]) : "";
        try {
            return commands(NAMES.contains(first) ? List.of(first) : NAMES).execute(HelpWords.asOptions(arguments));
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
