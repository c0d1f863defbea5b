package org.plurality.launch;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The options of {@code plurality-exec}. The launcher script knows which of them take a value, to find the image among the arguments; a test
 * holds the two lists together.
 */
enum Option {
    CACHE("--cache", null, "DIR", "use this cache instead of the user's"),
    SHARE(
            "--share",
            null,
            "MODE",
            "none: a container of its own for each rank; node: one per node and step; auto (default)"),
    BIND("--bind", "-B", "SRC[:DST[:ro|rw]]", "a file or directory of the host, besides home and working directory"),
    ENV("--env", null, "NAME=VALUE", "set a variable, over the image's and the host's"),
    WORKDIR("--workdir", null, "DIR", "start there instead of in the current directory"),
    PLATFORM("--platform", null, "OS/ARCH", "run an image of that platform"),
    RUNTIME("--runtime", null, "PATH", "the OCI runtime; default runc"),
    PULL("--pull", null, "never|missing", "missing: stage the image in first when it is not there; default never"),
    DEBUG("--debug", null, null, "say on standard error what is done, with times"),
    HELP("--help", "-h", null, "show this and end"),
    VERSION("--version", null, null, "show the version and end");

    private final String longName;
    private final @Nullable String shortName;
    private final @Nullable String value;
    private final String meaning;

    Option(String longName, @Nullable String shortName, @Nullable String value, String meaning) {
        this.longName = longName;
        this.shortName = shortName;
        this.value = value;
        this.meaning = meaning;
    }

    List<String> names() {
        return shortName == null ? List.of(longName) : List.of(longName, shortName);
    }

    boolean takesValue() {
        return value != null;
    }

    static @Nullable Option of(String name) {
        for (Option option : values()) {
            if (name.equals(option.longName) || name.equals(option.shortName)) {
                return option;
            }
        }
        return null;
    }

    static String help() {
        StringBuilder text = new StringBuilder();
        text.append("Usage: plurality-exec [OPTIONS] IMAGE [--] [COMMAND [ARG...]]\n")
                .append("Runs one rank in a staged image. Without COMMAND, what the image says.\n\n")
                .append("Options:\n");
        for (Option option : values()) {
            String names = (option.shortName == null ? "    " : option.shortName + ", ")
                    + option.longName
                    + (option.value == null ? "" : " " + option.value);
            text.append(String.format("  %-34s %s%n", names, option.meaning));
        }
        text.append("\nIMAGE is a name as in 'plurality-stagein pull', or a digest.\n")
                .append(
                        "Exit status: the program's own; 128+N when it died of signal N; 125 when Plurality or runc failed,\n")
                .append("126 when the command cannot be executed, 127 when it is not found.\n");
        return text.toString();
    }
}
