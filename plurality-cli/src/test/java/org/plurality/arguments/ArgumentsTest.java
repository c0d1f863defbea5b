// SPDX-License-Identifier: Apache-2.0
package org.plurality.arguments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

class ArgumentsTest {
    private static final class Copy implements Command {
        private final Arguments arguments = new Arguments("copy", "Copies.").alias("cp");
        private final Flag force = arguments.flag("-f, --force", "Over what is there.");
        private final Value<Long> limit = arguments.option("--limit", Long.class, "BYTES", "At most so many.");
        private final Values excluded = arguments.options("--exclude", "NAME", "Not this.");
        private final Parameter<String> source = arguments.parameter("FROM", "What.");
        private final Values targets = arguments.parameters(1, "TO", "Where to.");

        @Override
        public Arguments arguments() {
            return arguments;
        }

        @Override
        public Integer call() {
            return force.isGiven() ? 1 : 0;
        }
    }

    private final Copy copy = new Copy();

    @Test
    void valuesAreThereOnceTheLineIsRead() {
        int code = copy.commandLine().execute("--limit", "7", "a", "-f", "b", "--exclude", "x", "--exclude=y", "c");
        assertThat(code).isEqualTo(1);
        assertThat(copy.limit.get()).isEqualTo(7);
        assertThat(copy.excluded.get()).containsExactly("x", "y");
        assertThat(copy.source.get()).isEqualTo("a");
        assertThat(copy.targets.get()).containsExactly("b", "c");
    }

    @Test
    void whatIsNotGivenIsNotThere() {
        copy.commandLine().parseArgs("a", "b");
        assertThat(copy.force.isGiven()).isFalse();
        assertThat(copy.limit.get()).isNull();
        assertThat(copy.limit.orElse(3L)).isEqualTo(3);
        assertThat(copy.excluded.get()).isEmpty();
    }

    @Test
    void whatHasToBeGivenIsMissed() {
        assertThatThrownBy(() -> copy.commandLine().parseArgs())
                .isInstanceOf(ParameterException.class)
                .hasMessage("Missing required parameters: 'FROM', 'TO'");
        assertThatThrownBy(() -> copy.commandLine().parseArgs("a")).hasMessageContaining("'TO'");
        Arguments report = new Arguments("report");
        report.requiredOption("--html", "FILE", "Where to.");
        assertThatThrownBy(() -> report.group("none").parseArgs()).hasMessageContaining("--html=FILE");
    }

    @Test
    void aValueOfAnotherTypeIsRefused() {
        assertThatThrownBy(() -> copy.commandLine().parseArgs("--limit", "many", "a", "b"))
                .hasMessageContaining("--limit")
                .hasMessageContaining("'many' is not a long");
    }

    @Test
    void aGroupAsksForOneOfItsCommands() {
        CommandLine group =
                new Arguments("files", "Of files.").group("say which").addSubcommand(copy.commandLine());
        group.setExecutionExceptionHandler((failure, _, _) -> {
            throw failure;
        });
        group.setParameterExceptionHandler((failure, _) -> "say which".equals(failure.getMessage()) ? 42 : 1);
        assertThat(group.execute()).isEqualTo(42);
        assertThat(group.execute("cp", "a", "b")).isZero();
        assertThat(group.getUsageMessage(CommandLine.Help.Ansi.OFF)).startsWith("Usage: files COMMAND");
    }

    @Test
    void inheritedOptionsStandOnBothSidesOfTheCommand() {
        for (List<String> line : List.of(List.of("--debug", "copy", "a", "b"), List.of("copy", "--debug", "a", "b"))) {
            Arguments arguments = Arguments.inherited("files");
            Flag debug = arguments.flag("--debug", "Says more.");
            CommandLine commands = arguments.group("say which").addSubcommand(new Copy().commandLine());
            assertThat(commands.execute(line.toArray(String[]::new))).isZero();
            assertThat(debug.isGiven()).as("%s", line).isTrue();
        }
    }

    @Test
    void helpAndVersionAreShown() {
        CommandLine line = new Arguments("files", "Of files.", "Many.")
                .help("-h, --help", "Shows this.")
                .version("--version", "Shows which.", "files 1")
                .group("say which");
        assertThat(line.getUsageMessage(CommandLine.Help.Ansi.OFF))
                .contains("Of files.", "Many.", "-h, --help", "Shows this.");
        assertThat(line.parseArgs("-h").isUsageHelpRequested()).isTrue();
        assertThat(line.parseArgs("--version").isVersionHelpRequested()).isTrue();
        assertThat(line.getCommandSpec().version()).containsExactly("files 1");
    }
}
