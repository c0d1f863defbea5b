// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plurality.bundle.Bind;
import org.plurality.bundle.BundleConfig;
import org.plurality.bundle.HostMounts;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.process.ProcessIdentity;

/**
 * Plans one run of a container: a bundle on this node, with what is different this time, and the runtime's command line.
 *
 * @param runtime the OCI runtime's path
 * @param layer {@code libexec/layer}, which mounts an overlay before it becomes the runtime
 */
public record RunPlanner(RunClaims runs, RunDirectories directories, Path runtime, Path layer) {
    /**
     * What is different this time.
     *
     * @param command instead of the one in {@code config.json}, or empty
     * @param environment {@code NAME=VALUE}, over the container's
     * @param workDirectory instead of the container's, or null
     * @param binds besides the container's
     * @param terminal whether standard input and output are one, which the container gets
     */
    public record Wishes(
            List<String> command,
            List<String> environment,
            @Nullable String workDirectory,
            List<Bind> binds,
            boolean terminal) {
        public Wishes {
            command = List.copyOf(command);
            environment = List.copyOf(environment);
            binds = List.copyOf(binds);
        }
    }

    /** Everything that may be wrong without the run's being one; nothing is changed yet. */
    BundleConfig check(Container container, Wishes wishes) throws PluralityException {
        RunClaims.refuseRunning(container, runs.state(container));
        BundleConfig config = container.readConfig();
        LayerLease.renew(container);
        try {
            Path root = config.root(container.directory());
            if (!Files.isDirectory(root)) {
                throw new PluralityException(
                        FailureKind.NOT_FOUND,
                        "cannot run " + container.name() + ": there is no " + root,
                        "check \"root\" in " + container.config() + ", or delete the container and create it again");
            }
            List<String> command = wishes.command().isEmpty() ? config.arguments() : wishes.command();
            if (command.isEmpty()) {
                throw new PluralityException(
                        FailureKind.USAGE,
                        "cannot run " + container.name() + ": no command was given and it has none",
                        "say what to run: plurality run " + container.name() + " COMMAND");
            }
            List<String> environment = new ArrayList<>(config.environment());
            environment.addAll(wishes.environment());
            List<String> merged = Variables.merge(environment);
            HostMounts mounts = HostMounts.read();
            String directory = wishes.workDirectory() == null ? config.workDirectory() : wishes.workDirectory();
            List<Bind> binds = new ArrayList<>(config.binds());
            for (Bind bind : binds) {
                if (!Files.exists(bind.source())) {
                    throw new PluralityException(
                            FailureKind.USAGE,
                            "cannot run " + container.name() + ": " + bind.source()
                                    + ", which it binds, is not on this host",
                            "make it, or take it out of \"mounts\" in " + container.config());
                }
            }
            binds.addAll(wishes.binds());
            requireProgram(container, config, root, binds, command.get(0), merged, directory);
            return config.withProcess(command, merged, directory, wishes.terminal())
                    .withRoot(root.toRealPath())
                    .withBinds(wishes.binds(), mounts)
                    .fittedTo(mounts);
        } catch (IOException e) {
            throw ContainerStore.unusable("cannot run " + container.name(), e);
        }
    }

    private static void requireProgram(
            Container container,
            BundleConfig config,
            Path root,
            List<Bind> binds,
            String program,
            List<String> environment,
            String workDirectory)
            throws IOException, PluralityException {
        List<Path> layers = new ArrayList<>();
        for (Path layer : new Path[] {config.overlayUpper(), config.overlayLower()}) {
            if (layer != null) {
                layers.add(layer);
            }
        }
        if (layers.isEmpty()) {
            layers.add(root);
        }
        ProgramFinder.Verdict verdict = new ProgramFinder(layers, binds).find(program, environment, workDirectory);
        if (verdict != ProgramFinder.Verdict.RUNNABLE) {
            boolean found = verdict == ProgramFinder.Verdict.NOT_EXECUTABLE;
            throw new PluralityException(
                    found ? FailureKind.NOT_EXECUTABLE : FailureKind.NO_PROGRAM,
                    "cannot run " + program + " in " + container.name() + ": "
                            + (found ? "it is not an executable file" : "there is no such program in the container"),
                    "its files are in " + layers.get(0) + "; PATH there is the container's");
        }
    }

    /**
     * Takes the container, and says how it is run.
     *
     * @param keeper the process that will be the runtime, or wait for it
     * @param script {@code libexec/foreground}, which waits for the runtime and notes the exit status
     * @return the command line to become
     */
    public List<String> foreground(Container container, Wishes wishes, long keeper, Path script)
            throws PluralityException {
        BundleConfig config = check(container, wishes);
        List<String> line = new ArrayList<>(List.of(
                "/bin/bash",
                "-p",
                script.toString(),
                container.exitFile().toString(),
                container.pidFile().toString(),
                wishes.terminal() ? "terminal" : "plain"));
        line.addAll(claim(container, config, identity(keeper), false));
        return line;
    }

    List<String> claim(Container container, BundleConfig config, ProcessIdentity keeper, boolean background)
            throws PluralityException {
        RunRecord run = new RunRecord(keeper, background, directories.of(container), RunClaims.now());
        long number = runs.claim(container, run);
        boolean prepared = false;
        try {
            Path directory = directories.prepare(container);
            List<String> line = new ArrayList<>();
            List<String> options = config.overlayOptions();
            if (!options.isEmpty()) {
                line.addAll(List.of(
                        "/bin/bash",
                        "-p",
                        layer.toString(),
                        String.join(",", options),
                        config.root(container.directory()).toString()));
            }
            Files.write(
                    RunDirectories.config(directory),
                    config.withoutOverlay()
                            .withPoststop(List.of("/bin/rm", "-rf", "--one-file-system", "--", directory.toString()))
                            // For other hosts, where nobody waits who could write down the status.
                            .withPoststop(List.of(
                                    "/usr/bin/touch", "--", container.exitFile().toString()))
                            .toJson());
            prepared = true;
            line.addAll(List.of(
                    runtime.toString(),
                    "--root",
                    RunDirectories.runtimeRoot(directory).toString(),
                    "--log",
                    RunDirectories.runtimeLog(directory).toString(),
                    "run",
                    "--bundle",
                    directory.toString(),
                    "--pid-file",
                    container.pidFile().toString(),
                    container.name().value()));
            return line;
        } catch (IOException e) {
            throw new PluralityException(
                    FailureKind.STORAGE,
                    "cannot write the bundle of " + container.name() + ": " + PluralityException.reasonOf(e),
                    "free space on this node, or name a directory with PLURALITY_RUN_DIR",
                    e);
        } finally {
            if (!prepared) {
                runs.release(container, number);
                directories.remove(container);
            }
        }
    }

    static ProcessIdentity identity(long pid) throws PluralityException {
        try {
            return ProcessIdentity.of(pid);
        } catch (IOException e) {
            throw new PluralityException(
                    FailureKind.OTHER,
                    "cannot look at process " + pid + ": " + PluralityException.reasonOf(e),
                    "check that /proc is mounted on this host",
                    e);
        }
    }

    /**
     * How a program is run in a container that runs.
     *
     * @return the command line to become
     */
    public List<String> inside(Container container, Wishes wishes) throws PluralityException {
        requireRunning("cannot run anything in " + container.name(), container);
        BundleConfig config = container.readConfig();
        List<String> line = new ArrayList<>(List.of(
                runtime.toString(),
                "--root",
                RunDirectories.runtimeRoot(runs.runDirectory(container)).toString(),
                "exec"));
        if (wishes.terminal()) {
            line.add("--tty");
        }
        if (wishes.workDirectory() != null) {
            line.addAll(List.of("--cwd", wishes.workDirectory()));
        }
        for (String variable : wishes.environment()) {
            line.addAll(List.of("--env", variable));
        }
        line.add(container.name().value());
        line.addAll(wishes.command());
        try {
            List<String> environment = new ArrayList<>(config.environment());
            environment.addAll(wishes.environment());
            requireProgram(
                    container,
                    config,
                    config.root(container.directory()),
                    config.binds(),
                    wishes.command().get(0),
                    environment,
                    wishes.workDirectory() == null ? config.workDirectory() : wishes.workDirectory());
        } catch (IOException e) {
            throw ContainerStore.unusable("cannot run anything in " + container.name(), e);
        }
        return line;
    }

    private void requireRunning(String action, Container container) throws PluralityException {
        RunState state = runs.state(container);
        if (state instanceof RunState.Elsewhere elsewhere) {
            throw RunClaims.elsewhere(action, container, elsewhere);
        }
        if (!(state instanceof RunState.Running running) || running.pid() == 0) {
            throw new PluralityException(
                    FailureKind.NOT_FOUND,
                    action + ": it does not run",
                    "run it first: plurality run -d " + container.name());
        }
    }
}
