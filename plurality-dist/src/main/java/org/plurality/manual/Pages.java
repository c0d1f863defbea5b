// SPDX-License-Identifier: Apache-2.0
package org.plurality.manual;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.plurality.cli.StageIn;
import org.plurality.containers.cli.Plurality;
import org.plurality.launch.Option;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Reads the commands out of the programs. */
final class Pages {
    private Pages() {}

    static List<ManualPage> all() {
        return List.of(page(StageIn.commands()), exec(), containers());
    }

    /** Its own commands, and those that the script passes on. */
    private static ManualPage containers() {
        ManualPage own = page(Plurality.commands());
        List<ManualPage> commands = new ArrayList<>(own.subcommands());
        commands.addAll(ScriptCommands.pages());
        return new ManualPage(own.name(), own.purpose(), own.synopsis(), own.arguments(), own.options(), commands);
    }

    private static ManualPage page(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        List<ManualPage.Row> arguments = spec.positionalParameters().stream()
                .filter(argument -> !argument.hidden())
                .map(argument -> new ManualPage.Row(argument.paramLabel(), text(argument.description())))
                .toList();
        List<ManualPage.Row> options = spec.options().stream()
                .filter(option -> !option.hidden())
                .map(option -> new ManualPage.Row(term(option), text(option.description())))
                .toList();
        // Aliases are in the map too.
        List<ManualPage> subcommands = command.getSubcommands().values().stream()
                .distinct()
                .map(Pages::page)
                .toList();
        return new ManualPage(
                spec.qualifiedName(),
                text(spec.usageMessage().description()),
                synopsis(command),
                arguments,
                options,
                subcommands);
    }

    private static List<String> synopsis(CommandLine command) {
        return List.of(new CommandLine.Help(
                        command.getCommandSpec(), new CommandLine.Help.ColorScheme.Builder(Ansi.OFF).build())
                .synopsis(0)
                .replaceAll("\\s+", " ")
                .strip());
    }

    private static String term(OptionSpec option) {
        String names = String.join(", ", option.names());
        return option.arity().max() == 0 ? names : names + " " + option.paramLabel();
    }

    private static String text(String[] lines) {
        return Arrays.stream(lines).map(String::strip).collect(Collectors.joining(" "));
    }

    /** It has no picocli, because ranks wait for it. */
    private static ManualPage exec() {
        List<ManualPage.Row> options = new ArrayList<>();
        for (Option option : Option.values()) {
            String names = String.join(", ", option.names());
            String value = option.value() == null ? "" : option.mayTakeValue() ? option.value() : " " + option.value();
            options.add(new ManualPage.Row(names + value, option.meaning()));
        }
        return new ManualPage(
                "plurality-exec",
                "Runs one rank in a staged image.",
                List.of(
                        "plurality-exec [OPTIONS] IMAGE [--] [COMMAND [ARG...]]",
                        "plurality-exec [OPTIONS] --edf NAME [--] [COMMAND [ARG...]]"),
                List.of(
                        new ManualPage.Row(
                                "IMAGE",
                                "A name as in 'plurality-stagein pull', a digest or its beginning, or dir:PATH."),
                        new ManualPage.Row("COMMAND", "What to run; without it, what the image says.")),
                options,
                List.of());
    }
}
