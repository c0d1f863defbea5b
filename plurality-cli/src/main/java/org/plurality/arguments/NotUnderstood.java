// SPDX-License-Identifier: Apache-2.0
package org.plurality.arguments;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.plurality.advice.Nearest;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The error for a command line that is not understood, with what was probably meant.
 *
 * @param more commands besides those that the command line knows
 * @param commands returns what a command of another tool is here, or an empty text
 * @param options likewise for an option, after the name of the command that it was given to
 */
public record NotUnderstood(
        List<String> more, UnaryOperator<String> commands, BiFunction<String, String, String> options) {
    public NotUnderstood {
        more = List.copyOf(more);
    }

    public PluralityException explain(ParameterException failure) {
        CommandSpec spec = failure.getCommandLine().getCommandSpec();
        String help = "'" + spec.qualifiedName() + " --help' lists what it takes";
        if (failure instanceof UnmatchedArgumentException unmatched
                && !unmatched.getUnmatched().isEmpty()) {
            String word = unmatched.getUnmatched().get(0);
            if (word.startsWith("-")) {
                return option(word, spec, help, failure);
            }
            if (!spec.subcommands().isEmpty()) {
                return command(word, spec, help, failure);
            }
        }
        return usage("cannot understand the command line: " + failure.getMessage(), help, failure);
    }

    private PluralityException command(String word, CommandSpec spec, String help, Exception failure) {
        String known = commands.apply(word);
        if (known.isEmpty()) {
            List<String> all = new ArrayList<>(more);
            all.addAll(spec.subcommands().keySet());
            known = Nearest.of(word, all)
                    .map(nearest -> "did you mean " + nearest + "? " + help)
                    .orElse(help);
        }
        return usage("cannot understand '" + word + "': there is no such command", known, failure);
    }

    private PluralityException option(String word, CommandSpec spec, String help, Exception failure) {
        int equals = word.indexOf('=');
        String name = equals < 0 ? word : word.substring(0, equals);
        String known = options.apply(spec.name(), name);
        if (known.isEmpty()) {
            Optional<String> nearest =
                    name.startsWith("--") ? Nearest.of(name, spec.optionsMap().keySet()) : Optional.empty();
            known = nearest.map(option -> "did you mean " + option + "? " + help)
                    .orElse(help);
        }
        return usage(
                "cannot understand '" + name + "': " + spec.qualifiedName() + " has no such option", known, failure);
    }

    private static PluralityException usage(String message, String hint, Exception failure) {
        return new PluralityException(FailureKind.USAGE, message, hint, failure);
    }
}
