package org.plurality.umbrella;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** What is said on the way, before or after the command's name. {@code ENV_…} are the names that people know from before. */
final class Verbosity {
    /** Each says what those before it say, too. */
    enum Level {
        ERROR,
        WARNING,
        INFO,
        DEBUG
    }

    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "Say what is done, on standard error; as --errlevel debug (or ENV_DEBUG=1).")
    private boolean debug;

    @Option(
            names = "--errlevel",
            paramLabel = "LEVEL",
            scope = ScopeType.INHERIT,
            description =
                    "error, warning, info or debug: what is said on standard error; info unless set (or ENV_ERRLEVEL).")
    private @Nullable String level;

    @Option(
            names = "--nosudo",
            scope = ScopeType.INHERIT,
            description = "Nothing is ever done with sudo; taken for what was called with it before (or ENV_NOSUDO).")
    @SuppressWarnings("unused")
    private boolean noSudo;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help and exit.")
    @SuppressWarnings("unused") // Only picocli reads it.
    private boolean help;

    boolean isDebug(Map<String, String> environment) {
        return debug || isSet(environment, "ENV_DEBUG");
    }

    Level level(Map<String, String> environment) throws PluralityException {
        if (isDebug(environment)) {
            return Level.DEBUG;
        }
        String text = level == null ? environment.getOrDefault("ENV_ERRLEVEL", "") : level;
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
