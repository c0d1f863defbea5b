// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers.cli;

import java.util.Locale;
import java.util.Map;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Flag;
import org.plurality.arguments.Value;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/** What is said on the way, before or after the command's name. {@code ENV_…} are the names that people know from before. */
final class Verbosity {
    /** Each says what those before it say, too. */
    enum Level {
        ERROR,
        WARNING,
        INFO,
        DEBUG
    }

    private final Flag debug;
    private final Value<String> level;

    /** @param arguments that all commands inherit */
    Verbosity(Arguments arguments) {
        debug = arguments.flag("--debug", "Say what is done, on standard error; as --errlevel debug (or ENV_DEBUG=1).");
        level = arguments.option(
                "--errlevel",
                "LEVEL",
                "error, warning, info or debug: what is said on standard error; info unless set (or ENV_ERRLEVEL).");
        arguments.flag(
                "--nosudo",
                "Nothing is ever done with sudo; taken for what was called with it before (or ENV_NOSUDO).");
        arguments.help("-h, --help", "Show this help and exit.");
    }

    boolean isDebug(Map<String, String> environment) {
        return debug.isGiven() || isSet(environment, "ENV_DEBUG");
    }

    Level level(Map<String, String> environment) throws PluralityException {
        if (isDebug(environment)) {
            return Level.DEBUG;
        }
        String text = level.get() == null ? environment.getOrDefault("ENV_ERRLEVEL", "") : level.get();
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "" -> Level.INFO;
            case "error", "critical", "fatal", "panic" -> Level.ERROR;
            case "warning", "warn", "notice" -> Level.WARNING;
            case "info" -> Level.INFO;
            case "debug", "trace" -> Level.DEBUG;
            default ->
                throw new PluralityException(
                        FailureKind.USAGE,
                        "cannot use the level '" + text + "': it is none of error, warning, info, debug",
                        "check --errlevel and ENV_ERRLEVEL");
        };
    }

    /** Whether a switch of the environment is on: set, and neither 0 nor a word for no. */
    static boolean isSet(Map<String, String> environment, String name) {
        return switch (environment.getOrDefault(name, "").toLowerCase(Locale.ROOT)) {
            case "", "0", "false", "no", "off" -> false;
            default -> true;
        };
    }
}
