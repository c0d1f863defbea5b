// SPDX-License-Identifier: Apache-2.0
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
import java.util.Optional;
import org.plurality.bundle.Hook;
import org.plurality.bundle.HostMounts;
import org.plurality.bundle.HostTools;
import org.plurality.bundle.MountPlan;
import org.plurality.bundle.MountRequest;
import org.plurality.bundle.Overlays;
import org.plurality.bundle.RootfsView;
import org.plurality.bundle.RuntimeSpec;
import org.plurality.bundle.UserIds;
import org.plurality.cache.Entry;
import org.plurality.config.HomeDirectory;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.environment.ImageConfig;
import org.plurality.environment.LibraryPath;
import org.plurality.environment.RankEnvironment;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.host.HostParts;

/**
 * Plans one launch: {@code Planner DIRECTORY PID ARGUMENT...}, called by the launcher only.
 *
 * <p>Writes into DIRECTORY, which is node-local, lies in one that is private, and is made if need be: {@code config.json} (the bundle), {@code environment} ({@code NAME=VALUE}, each ended by a NUL), {@code command} (the image's own, NUL-ended), and {@code plan}, lines
 * of a name, a blank and a value; also {@link PlanInputs}. The bundle's process is never started: ranks join its
 * namespaces, with their own environment and command. On standard output it says {@code mount} when it needs that ({@link RootMounts}), and {@code planned} when all but
 * the facts is written. PID is of a process that lives as long as the container is needed:
 * outside of a scheduler's job the lease is held for it.
 *
 * <p>Exit status: 0; 3 when the image is not staged; 125 for everything else.
 */
public final class Planner {
    private static final int NOT_STAGED = FailureKind.NOT_FOUND.exitCode();

    private final Map<String, String> environment;
    private final PrintStream out;

    Planner(Map<String, String> environment, PrintStream out) {
        this.environment = environment;
        this.out = out;
    }

    public static void main(String[] arguments) {
        int status = run(Arrays.asList(arguments), HomeDirectory.in(System.getenv()), System.out, System.err);
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
                new Planner(environment, out).run(LaunchRequest.of(options, environment), directory, owner);
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

    void run(LaunchRequest request, Path directory, long owner) throws PluralityException {
        Path runtime = Preflight.runtime(request.settings(), environment);
        Preflight.userNamespaces();
        try {
            Entry entry = find(request, directory, owner);
            Files.createDirectories(directory);
            LaunchPlan plan = plan(request, entry, runtime, directory, owner);
            if (request.has(Option.DRY_RUN)) {
                out.print(request.has(Option.JSON) ? plan.spec().text() : DryRun.text(plan, environment));
            } else {
                PlanFiles.write(plan, directory);
                // The rank need not wait for what only later launches read.
                out.println("planned");
                out.flush();
                PlanInputs.write(request, plan, environment, directory);
            }
        } catch (IOException e) {
            throw new PluralityException(
                    FailureKind.OTHER,
                    "cannot plan the launch of " + request.image() + ": " + PluralityException.reasonOf(e),
                    "check the node-local directory " + directory + " and the entry with 'plurality-stagein inspect'",
                    e);
        }
    }

    private Entry find(LaunchRequest request, Path directory, long owner) throws PluralityException, IOException {
        if (LocalImage.isNamedBy(request.image())) {
            return LocalImage.of(request.image(), directory);
        }
        Settings settings = request.settings();
        String image = request.pinnedImage(environment);
        try {
            return request.has(Option.DRY_RUN)
                    ? StagedImage.find(image, settings.platform(), settings.caches())
                    : StagedImage.lease(
                            image, settings.platform(), settings.caches(), JobContext.of(environment, owner));
        } catch (PluralityException e) {
            if (e.kind() != FailureKind.NOT_FOUND && e.kind() != FailureKind.USAGE) {
                throw e;
            }
            throw new Misnamed(request, environment).explain(withCache(e, request));
        }
    }

    /** A pull without the option would stage in where this launch does not look. */
    private static PluralityException withCache(PluralityException failure, LaunchRequest request) {
        if (failure.kind() != FailureKind.NOT_FOUND || !request.has(Option.CACHE)) {
            return failure;
        }
        return new PluralityException(
                failure.kind(),
                failure.getMessage(),
                failure.hint() + " --cache " + request.settings().cache(),
                failure);
    }

    private LaunchPlan plan(LaunchRequest request, Entry entry, Path runtime, Path directory, long owner)
            throws IOException, PluralityException {
        ImageConfig config = ImageConfig.parse(Files.readAllBytes(entry.config()));
        UserIds ids = UserIds.current();
        HostTools tools = HostTools.find();
        ImageRoot root =
                new RootMounts(request.settings(), environment, directory).mount(entry, runtime, ids, owner, out);
        RootfsView image = root.view();
        StandardMounts.Home home = request.mounts().home(image);
        Path here = Path.of("").toAbsolutePath();
        for (String text : request.notes()) {
            note(text);
        }
        List<String> imageVariables = imageVariables(config, image);
        boolean added = HostAdditions.isWanted(request);
        List<MountRequest> wanted = new ArrayList<>();
        if (added || HostTools.areNamedBy(imageVariables)) {
            wanted.addAll(tools.binds());
        }
        StandardMounts standard = new StandardMounts(image, directory, LeftOut.of(request.all(Option.NO_MOUNT)));
        boolean contained = request.settings().isOn(Key.CONTAIN);
        wanted.addAll(standard.of(ids, account(ids, directory), home, List.of(here, asCalled(here)), contained));
        wanted.addAll(standard.server(environment.get("PMIX_SERVER_TMPDIR")));
        if (!contained) {
            wanted.addAll(standard.named(environment));
        }
        List<Hook> hooks = List.of();
        List<String> variables = new ArrayList<>();
        LibraryPath libraries = LibraryPath.NONE;
        if (added) {
            HostParts parts = new HostAdditions(request, environment).gather(config, image, tools, directory);
            wanted.addAll(parts.mounts());
            variables.addAll(parts.variables());
            hooks = parts.hooks();
            libraries = new LibraryPath(parts.librariesBefore(), parts.librariesBehind());
            for (String note : parts.notes()) {
                note(note);
            }
        }
        variables.addAll(variables(request, home));
        wanted.addAll(request.mounts().wanted());
        HostMounts host = HostMounts.read(root.mountInfo());
        noteWhereItRuns(directory, host);
        Overlays overlays = root.entered() ? Overlays.NONE : new NodeOverlays(directory);
        MountPlan mounts = MountPlan.of(image, wanted, new MountPlan.Means(root.points(), directory, host, overlays));
        for (Path destination : mounts.writableBelow()) {
            note("what is mounted below " + destination
                    + " stays writable: read-only binds of whole trees need Linux 5.12");
        }
        String workDirectory = new WorkDirectory(image, wanted)
                .choose(request.workDirectory(), request.all(Option.TRY_WORKDIR), here, config.workingDirectory());
        RankEnvironment rank = RankEnvironment.of(imageVariables, variables, libraries);
        Optional<String> entrypoint = request.entrypoint();
        List<String> usual =
                entrypoint.isPresent() ? config.commandOf(entrypoint.get(), List.of()) : config.defaultCommand();
        List<String> first = List.of();
        if (entrypoint.isPresent()) {
            first = entrypoint.get().isEmpty() ? config.entrypoint() : List.of(entrypoint.get());
        }
        List<String> command = new ArrayList<>(usual);
        if (!request.command().isEmpty()) {
            command = new ArrayList<>(first);
            command.addAll(request.command());
        }
        if (command.isEmpty()) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot run " + request.image() + ": no command was given and the image has none",
                    "say what to run: plurality-exec " + request.image() + " COMMAND");
        }
        RuntimeSpec spec = new RuntimeSpec(
                List.of(RuntimeSpec.NEVER_STARTED),
                mounts,
                root.entered() ? null : ids,
                root.writable(),
                request.settings().isOn(Key.PID),
                hooks);
        boolean clean = request.settings().isOn(Key.CLEANENV);
        return new LaunchPlan(
                request.image(),
                entry,
                ids,
                runtime,
                mounts,
                rank,
                clean,
                inShell(request, command),
                usual,
                first,
                workDirectory,
                OwnNamespaces.of(request),
                spec);
    }

    /** Returns the command as {@code --shell} has it run, for people: the launcher puts the shell in front by itself. */
    private static List<String> inShell(LaunchRequest request, List<String> command) {
        List<String> scripts = request.all(Option.SHELL);
        if (scripts.isEmpty()) {
            return command;
        }
        List<String> words = new ArrayList<>(List.of("/bin/sh", "-c", scripts.get(scripts.size() - 1), "sh"));
        words.addAll(command);
        return words;
    }

    /** The working directory by the path that the user knows it by, which may have links in it. */
    private Path asCalled(Path here) throws IOException {
        Path called = Path.of(environment.getOrDefault("PWD", "/")).normalize();
        return called.isAbsolute() && Files.isDirectory(called) && Files.isSameFile(called, here) ? called : here;
    }

    private static void note(String text) {
        System.err.println("plurality-exec: note: " + text);
    }

    /** What stands in a run directory are processes and mounts of one node, and every rank looks there. */
    private static void noteWhereItRuns(Path directory, HostMounts host) throws IOException {
        String network = host.networkFilesystem(directory.toRealPath());
        if (network != null) {
            System.err.println("plurality-exec: note: the run directory "
                    + directory.resolveSibling(".").normalize() + " is on " + network + ", which other nodes share");
            System.err.println("hint: name a directory on this node with PLURALITY_RUN_DIR");
        }
    }

    /** What the name service says is kept beside the launches' directories. */
    private static PasswdEntry account(UserIds ids, Path directory) throws IOException {
        Path kept = directory.resolveSibling(".").normalize();
        return PasswdEntry.of(ids, kept, System.getProperty("user.name", "user"), PasswdEntry.Sources.host());
    }

    /** The image's, and under them the host's time zone. */
    private List<String> imageVariables(ImageConfig config, RootfsView image) throws IOException {
        Optional<String> zone = TimeZone.of(environment, image, Path.of("/etc/localtime"));
        if (zone.isEmpty()) {
            return config.environment();
        }
        List<String> variables = new ArrayList<>();
        variables.add("TZ=" + zone.get());
        variables.addAll(config.environment());
        return variables;
    }

    private static List<String> variables(LaunchRequest request, StandardMounts.Home home) throws PluralityException {
        List<String> variables = new ArrayList<>();
        if (request.settings().value(Key.HOME_DIRECTORY).isPresent()) {
            variables.add("HOME=" + home.destination());
        }
        variables.addAll(request.variables());
        return variables;
    }
}
