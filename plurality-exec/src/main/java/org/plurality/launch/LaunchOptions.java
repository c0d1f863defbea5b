// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/**
 * A command line of {@code plurality-exec}, parsed by hand because a rank waits for it.
 *
 * @param values of each option that was given, in order; an empty string for one that takes none
 * @param image as given; empty when a definition file names it, or only {@code --help} or {@code --version} was asked for
 * @param command of the program, or empty for the image's own
 */
record LaunchOptions(Map<Option, List<String>> values, String image, List<String> command) {

    /** @throws PluralityException (USAGE) naming what is not understood */
    static LaunchOptions parse(List<String> arguments) throws PluralityException {
        Map<Option, List<String>> values = new EnumMap<>(Option.class);
        int at = 0;
        while (at < arguments.size()
                && arguments.get(at).startsWith("-")
                && !arguments.get(at).equals("--")) {
            String argument = arguments.get(at++);
            int valueAt = Option.of(argument) == null ? attachedValue(argument) : -1;
            String name = valueAt < 0 ? argument : nameOf(argument);
            Option option = Option.of(name);
            if (option == null) {
                throw UnknownOption.of(name);
            }
            String value = "";
            if (valueAt >= 0) {
                if (!option.takesValue() && !option.mayTakeValue()) {
                    throw usage("cannot use " + argument + ": " + name + " takes no value");
                }
                value = argument.substring(valueAt);
            } else if (option.takesValue()) {
                if (at == arguments.size()) {
                    throw usage("cannot use " + name + ": its value is missing");
                }
                value = arguments.get(at++);
            }
            List<String> given = values.get(option);
            if (given == null) {
                given = new ArrayList<>();
                values.put(option, given);
            }
            given.add(value);
        }
        if (at < arguments.size() && arguments.get(at).equals("--")) {
            at++;
        }
        if (values.containsKey(Option.HELP) || values.containsKey(Option.VERSION)) {
            return new LaunchOptions(values, "", List.of());
        }
        String image = "";
        if (!values.containsKey(Option.EDF)) {
            if (at >= arguments.size() || arguments.get(at).isEmpty()) {
                throw usage("cannot run anything: the image is missing");
            }
            image = arguments.get(at++);
        }
        if (at < arguments.size() && arguments.get(at).equals("--")) {
            at++;
        }
        return new LaunchOptions(values, image, List.copyOf(arguments.subList(at, arguments.size())));
    }

    /** Where the value begins in {@code --name=value} and {@code -Bvalue}; negative for an option alone. */
    private static int attachedValue(String argument) {
        if (argument.startsWith("--")) {
            int equals = argument.indexOf('=');
            return equals < 0 ? -1 : equals + 1;
        }
        return argument.length() > 2 ? 2 : -1;
    }

    private static String nameOf(String argument) {
        return argument.startsWith("--") ? argument.substring(0, argument.indexOf('=')) : argument.substring(0, 2);
    }

    boolean has(Option option) {
        return values.containsKey(option);
    }

    List<String> all(Option option) {
        return values.getOrDefault(option, List.of());
    }

    /** The last value given. */
    Optional<String> last(Option option) {
        List<String> all = all(option);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
    }

    private static PluralityException usage(String message) {
        return new PluralityException(FailureKind.USAGE, message, "'plurality-exec --help' lists what there is");
    }
}
