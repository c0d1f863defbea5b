// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plurality.config.Key;

/**
 * The options of {@code plurality-exec}. The launcher script knows which of them take a value and which do not, to find the image among the
 * arguments; a test holds the lists together.
 */
public enum Option {
    CACHE(Key.CACHE, "--cache", null, "DIR", "use this cache instead of the user's"),
    SHARE(
            Key.SHARE,
            "--share",
            null,
            "MODE",
            "none: a container for each rank; node: one per node and step; auto (default)"),
    BUNDLE(null, "--bundle", null, "DIR", "instead of IMAGE: root, command and environment of that OCI bundle"),
    BIND(
            Key.BIND,
            "--bind",
            "-B",
            "SRC[:DST[:ro|rw]]",
            "bring in a file or directory of the host; several with commas",
            "--volume",
            "-v"),
    MOUNT(
            Key.MOUNT,
            "--mount",
            null,
            "type=TYPE,...",
            "bind or tmpfs, as Docker: source=, destination=, readonly, tmpfs-size="),
    HOME(Key.HOME_DIRECTORY, "--home", null, "SRC[:DST]", "that directory is the home directory inside"),
    NO_HOME(Key.NO_HOME, "--no-home", null, null, "leave the home directory out"),
    CONTAIN(Key.CONTAIN, "--contain", "-c", null, "own /tmp, few devices, no home and no current directory"),
    WORKDIR(Key.WORKDIR, "--workdir", null, "DIR", "start there instead of in the current directory", "--pwd", null),
    TRY_WORKDIR(
            null, "--try-workdir", null, "DIR", "without --workdir: start there if it exists; repeatable, in order"),
    ENV(Key.ENV, "--env", null, "NAME=VALUE", "set a variable, over the image's and the host's"),
    ENV_FILE(Key.ENV_FILE, "--env-file", null, "FILE", "set those of a file of NAME=VALUE lines"),
    CLEANENV(Key.CLEANENV, "--cleanenv", "-e", null, "of the host's variables only the scheduler's and your own"),
    ENTRYPOINT(Key.ENTRYPOINT, "--entrypoint", null, "[=PROG]", "run COMMAND by the image's entrypoint, or by PROG"),
    SHELL(null, "--shell", null, "SCRIPT", "run the command by the image's /bin/sh -c SCRIPT, as its \"$@\""),
    MPI(Key.MPI, "--mpi", null, "image|host", "whose MPI library programs use; default image"),
    DEVICE(Key.DEVICE, "--device", null, "NAME", "a device by its CDI name, such as nvidia.com/gpu=all"),
    NV(Key.NV, "--nv", null, null, "NVIDIA GPUs with their driver's libraries"),
    ROCM(Key.ROCM, "--rocm", null, null, "AMD GPUs with their driver's libraries"),
    EDF(null, "--edf", null, "NAME|FILE", "an environment definition file, which names the image"),
    PLATFORM(Key.PLATFORM, "--platform", null, "OS/ARCH", "run an image of that platform"),
    RUNTIME(Key.RUNTIME, "--runtime", null, "PATH", "the OCI runtime; default runc, else crun"),
    LOCAL(Key.LOCAL, "--local", null, null, "copy a squashfs image to this node first"),
    WRITABLE_TMPFS(
            Key.WRITABLE_TMPFS, "--writable-tmpfs", null, null, "changes to the image go to memory, for a while"),
    OVERLAY(Key.OVERLAY, "--overlay", null, "DIR", "changes to the image go to this directory on the node, and stay"),
    PID(Key.PID, "--pid", null, null, "processes of the container see only each other"),
    IPC(null, "--ipc", null, null, "System V IPC and message queues of the container's own"),
    NETWORK(null, "--network", null, "host|none", "none: a loopback interface only; default host"),
    NO_MOUNT(
            null,
            "--no-mount",
            null,
            "NAME",
            "leave out tmp, home, cwd, sys, /etc/hosts or /etc/localtime; with commas"),
    TTY(null, "--tty", "-t", null, "require a terminal; the program has yours in any case", "-it", null),
    INTERACTIVE(null, "--interactive", "-i", null, "accepted: the program always reads standard input"),
    RM(null, "--rm", null, null, "accepted: nothing of a container stays after it"),
    PULL(
            Key.PULL,
            "--pull",
            null,
            "never|missing",
            "missing: stage the image in first when it is not there; default never"),
    FROM(null, "--from", null, "SOURCE", "with --pull missing: stage IMAGE in from there, such as sif:FILE"),
    DRY_RUN(null, "--dry-run", null, null, "start nothing; print what would be started"),
    JSON(null, "--json", null, null, "with --dry-run: print the bundle's config.json"),
    QUIET(null, "--quiet", "-q", null, "print errors only, no notes and no progress"),
    DEBUG(Key.DEBUG, "--debug", null, null, "say on standard error what is done, with times"),
    HELP(null, "--help", "-h", null, "show this and end"),
    VERSION(null, "--version", null, null, "show the version and end");

    private final @Nullable Key key;
    private final String longName;
    private final @Nullable String shortName;
    private final @Nullable String value;
    private final String meaning;
    private final @Nullable String alias;
    private final @Nullable String otherAlias;

    Option(@Nullable Key key, String longName, @Nullable String shortName, @Nullable String value, String meaning) {
        this(key, longName, shortName, value, meaning, null, null);
    }

    /** @param alias what people type who know another tool; a second one behind it */
    Option(
            @Nullable Key key,
            String longName,
            @Nullable String shortName,
            @Nullable String value,
            String meaning,
            @Nullable String alias,
            @Nullable String otherAlias) {
        this.key = key;
        this.longName = longName;
        this.shortName = shortName;
        this.value = value;
        this.meaning = meaning;
        this.alias = alias;
        this.otherAlias = otherAlias;
    }

    /** The setting that says the same, if any. */
    @Nullable
    Key key() {
        return key;
    }

    /** All spellings, the usual one first. */
    public List<String> names() {
        List<String> names = new ArrayList<>();
        names.add(longName);
        if (shortName != null) {
            names.add(shortName);
        }
        names.addAll(aliases());
        return names;
    }

    private List<String> aliases() {
        List<String> aliases = new ArrayList<>();
        if (alias != null) {
            aliases.add(alias);
        }
        if (otherAlias != null) {
            aliases.add(otherAlias);
        }
        return aliases;
    }

    private boolean isSpelled(String name) {
        return name.equals(longName) || name.equals(shortName) || name.equals(alias) || name.equals(otherAlias);
    }

    /** How its value is written in the help; null without one. */
    public @Nullable String value() {
        return value;
    }

    public String meaning() {
        return meaning;
    }

    /** Whether the argument after it belongs to it. */
    public boolean takesValue() {
        return value != null && !mayTakeValue();
    }

    /** Whether it can be given both alone and with {@code =}. */
    public boolean mayTakeValue() {
        return value != null && value.startsWith("[=");
    }

    static @Nullable Option of(String name) {
        for (Option option : values()) {
            if (option.isSpelled(name)) {
                return option;
            }
        }
        return null;
    }

    static String help() {
        int width = 0;
        for (Option option : values()) {
            width = Math.max(width, option.usage().length());
        }
        StringBuilder text = new StringBuilder();
        text.append("Usage: plurality-exec [OPTIONS] IMAGE [--] [COMMAND [ARG...]]\n")
                .append("       plurality-exec [OPTIONS] --edf NAME [--] [COMMAND [ARG...]]\n")
                .append("Runs one rank in a staged image. Without COMMAND, what the image says.\n\n")
                .append("Options:\n");
        for (Option option : values()) {
            String usage = option.usage();
            text.append("  ").append(usage).append(" ".repeat(width - usage.length() + 2));
            text.append(option.meaning).append(option.alsoSpelled()).append('\n');
        }
        text.append(
                        "\nIMAGE is a name as in 'plurality-stagein pull', a digest or its beginning, or dir:PATH of a root filesystem.\n")
                .append("Options can be set by PLURALITY_NAME and in plurality.toml too: see docs/configuration.md.\n")
                .append(
                        "Exit status: the program's own; 128+N when it died of signal N; 125 when Plurality or runc failed,\n")
                .append("126 when the command cannot be executed, 127 when it is not found.\n");
        return text.toString();
    }

    private String alsoSpelled() {
        List<String> others = aliases();
        return others.isEmpty() ? "" : " (also " + String.join(", ", others) + ")";
    }

    private String usage() {
        return (shortName == null ? "    " : shortName + ", ")
                + longName
                + (value == null ? "" : mayTakeValue() ? value : " " + value);
    }
}
