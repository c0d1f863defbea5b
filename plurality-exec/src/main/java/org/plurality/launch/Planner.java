package org.plurality.launch;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.plurality.bundle.Bind;
import org.plurality.bundle.HostMounts;
import org.plurality.bundle.HostTools;
import org.plurality.bundle.MountPlan;
import org.plurality.bundle.RootfsView;
import org.plurality.bundle.RuntimeSpec;
import org.plurality.bundle.UserIds;
import org.plurality.cache.Entry;
import org.plurality.cache.RootfsKind;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.environment.ImageConfig;
import org.plurality.environment.RankEnvironment;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/**
 * Plans one launch: {@code Planner DIRECTORY PID ARGUMENT...}, called by the launcher script only.
 *
 * <p>Writes into DIRECTORY, which is node-local, lies in one that is private, and is made if need be: {@code config.json} (the bundle), {@code environment} and {@code
 * environment.loader} ({@code NAME=VALUE}, each ended by a NUL), {@code command} (the image's own, NUL-ended), and {@code plan}, lines
 * of a name, a blank and a value; also the directory {@code settled}, for the holder. The bundle's process is never started: ranks join its
 * namespaces, with their own environment and command. PID is of a process that lives as long as the container is needed:
 * outside of a scheduler's job the lease is held for it.
 *
 * <p>Exit status: 0; 3 when the image is not staged; 125 for everything else.
 */
public final class Planner {
    private static final int NOT_STAGED = FailureKind.NOT_FOUND.exitCode();

    private final Map<String, String> environment;

    Planner(Map<String, String> environment) {
        this.environment = environment;
    }

    public static void main(String[] arguments) {
        int status = run(Arrays.asList(arguments), System.getenv(), System.out, System.err);
        System.out.flush();
        // An exit asks for a logger first, and a return takes the JVM down in order: 2 ms that a rank need not wait.
        Runtime.getRuntime().halt(status);
    }

    static int run(List<String> arguments, Map<String, String> environment, PrintStream out, PrintStream err) {
        try {
            Path directory = Path.of(arguments.get(0));
            long owner = Long.parseLong(arguments.get(1));
            LaunchOptions options = LaunchOptions.parse(arguments.subList(2, arguments.size()));
            if (options.has(Option.HELP)) {
                out.print(Option.help());
            } else if (options.has(Option.VERSION)) {
                out.println("plurality-exec " + environment.getOrDefault("PLURALITY_VERSION", "unknown"));
            } else {
                new Planner(environment).plan(options, directory, owner);
            }
            return 0;
        } catch (PluralityException e) {
            err.println("plurality-exec: " + e.getMessage());
            err.println("hint: " + e.hint());
            return e.kind() == FailureKind.NOT_FOUND ? NOT_STAGED : FailureKind.EXEC_FAILED;
        } catch (InvalidPathException e) {
            err.println("plurality-exec: cannot use the path '" + e.getInput() + "': " + e.getReason());
            err.println("hint: check the options and HOME");
            return FailureKind.EXEC_FAILED;
        }
    }

    void plan(LaunchOptions options, Path directory, long owner) throws PluralityException {
        Settings settings = settings(options);
        Path runtime = Preflight.runtime(settings.value(Key.RUNTIME).orElse("runc"), environment);
        Preflight.userNamespaces();
        HostTools tools = HostTools.find();
        try {
            JobContext job = JobContext.of(environment, owner);
            String image = options.last(Option.PLATFORM).isPresent()
                    ? options.image()
                    : PinnedImages.of(environment).digestOf(options.image());
            Entry entry = StagedImage.lease(image, settings.platform(), settings.caches(), job);
            if (entry.document().kind() != RootfsKind.DIR) {
                throw new PluralityException(
                        FailureKind.OTHER,
                        "cannot run " + options.image()
                                + ": it is staged as squashfs, which this version does not mount",
                        "stage it as a directory: plurality-stagein pull --format dir " + options.image());
            }
            Files.createDirectories(directory);
            ImageConfig config = ImageConfig.parse(Files.readAllBytes(entry.config()));
            UserIds ids = UserIds.current();
            List<Bind> binds = binds(options, settings, entry, directory, ids, tools);
            MountPlan mounts = MountPlan.of(entry.rootfs(), binds, directory, HostMounts.read());
            String workDirectory = new WorkDirectory(new RootfsView(entry.rootfs()), binds)
                    .choose(options.last(Option.WORKDIR), Path.of("").toAbsolutePath(), config.workingDirectory());
            RankEnvironment rank = RankEnvironment.of(config.environment(), chosenEnvironment(options));
            List<String> command = options.command().isEmpty() ? config.defaultCommand() : options.command();
            if (command.isEmpty()) {
                throw new PluralityException(
                        FailureKind.USAGE,
                        "cannot run " + options.image() + ": no command was given and the image has none",
                        "say what to run: plurality-exec " + options.image() + " COMMAND");
            }
            // The holder's notes on ranks; it would have to fork for a directory.
            Files.createDirectories(directory.resolve("settled"));
            write(directory.resolve("environment"), strings(rank.plain()));
            write(directory.resolve("environment.loader"), strings(rank.loader()));
            write(directory.resolve("command"), command);
            writePlan(directory.resolve("plan"), runtime, tools, workDirectory, ids, entry);
            RuntimeSpec spec = new RuntimeSpec(List.of(tools.loader()), mounts, ids);
            Files.write(directory.resolve("config.json"), spec.toJson());
        } catch (IOException e) {
            throw new PluralityException(
                    FailureKind.OTHER,
                    "cannot plan the launch of " + options.image() + ": " + PluralityException.reasonOf(e),
                    "check the node-local directory " + directory + " and the entry with 'plurality-stagein inspect'",
                    e);
        }
    }

    private Settings settings(LaunchOptions options) throws PluralityException {
        return Settings.load(environment)
                .withFlag(Key.CACHE, options.last(Option.CACHE).orElse(null))
                .withFlag(Key.PLATFORM, options.last(Option.PLATFORM).orElse(null))
                .withFlag(Key.RUNTIME, options.last(Option.RUNTIME).orElse(null));
    }

    private List<Bind> binds(
            LaunchOptions options, Settings settings, Entry entry, Path directory, UserIds ids, HostTools tools)
            throws IOException, PluralityException {
        List<Bind> binds = new ArrayList<>(tools.binds());
        binds.addAll(new StandardBinds(new RootfsView(entry.rootfs()), directory)
                .of(
                        ids,
                        System.getProperty("user.name", "user"),
                        Path.of(environment.getOrDefault("HOME", "/")).toAbsolutePath(),
                        Path.of("").toAbsolutePath()));
        List<String> chosen = new ArrayList<>(settings.values(Key.BIND));
        chosen.addAll(options.all(Option.BIND));
        for (String text : chosen) {
            try {
                Bind bind = Bind.parse(text);
                if (!Files.exists(bind.source())) {
                    throw new IllegalArgumentException("there is no " + bind.source() + " on this node");
                }
                binds.add(bind);
            } catch (IllegalArgumentException e) {
                throw new PluralityException(
                        FailureKind.USAGE,
                        "cannot bind: " + e.getMessage(),
                        "check --bind, PLURALITY_BIND and 'bind' in plurality.toml",
                        e);
            }
        }
        return binds;
    }

    private static List<String> chosenEnvironment(LaunchOptions options) throws PluralityException {
        for (String variable : options.all(Option.ENV)) {
            if (variable.indexOf('=') <= 0) {
                throw new PluralityException(
                        FailureKind.USAGE,
                        "cannot set '" + variable + "': it is not NAME=VALUE",
                        "write --env NAME=VALUE");
            }
        }
        return options.all(Option.ENV);
    }

    private static void writePlan(
            Path file, Path runtime, HostTools tools, String workDirectory, UserIds ids, Entry entry)
            throws IOException, PluralityException {
        StringBuilder plan = new StringBuilder();
        for (String[] line : new String[][] {
            {"runtime", runtime.toString()},
            {"loader", tools.loader()},
            {"libraries", tools.libraryPath()},
            {"tools", tools.directory()},
            {"workdir", workDirectory},
            {"uid", Long.toString(ids.uid())},
            {"gid", Long.toString(ids.gid())},
            {"digest", entry.document().digest().toString()}
        }) {
            if (line[1].indexOf('\n') >= 0) {
                throw new PluralityException(
                        FailureKind.USAGE,
                        "cannot use the path '" + line[1].replace("\n", "\\n") + "': it has a line end in it",
                        "start from another directory");
            }
            plan.append(line[0]).append(' ').append(line[1]).append('\n');
        }
        Files.writeString(file, plan);
    }

    private static List<String> strings(Map<String, String> variables) {
        List<String> strings = new ArrayList<>();
        for (Map.Entry<String, String> variable : variables.entrySet()) {
            strings.add(variable.getKey() + "=" + variable.getValue());
        }
        strings.sort(null);
        return strings;
    }

    private static void write(Path file, List<String> values) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String value : values) {
            text.append(value).append('\0');
        }
        Files.writeString(file, text);
    }
}
