// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.plurality.cache.DurableFiles;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.json.JsonObject;
import org.plurality.process.ProcessIdentity;

/**
 * Which containers run, and who may run one: the run with the highest number in the container's directory is the one that counts. Who finds
 * it ended gives the next number to their own, by a link onto an absent name, so that of several callers on any hosts one succeeds.
 *
 * <p>A process is told apart by host, boot, pid and start: a pid that another program has after a reboot is not taken for the container.
 */
public final class RunClaims {
    private final RunDirectories directories;

    public RunClaims(RunDirectories directories) {
        this.directories = directories;
    }

    public RunState state(Container container) throws PluralityException {
        Optional<Current> current = current(container);
        return current.isEmpty() ? new RunState.Created() : state(container, current.get());
    }

    private RunState state(Container container, Current current) throws PluralityException {
        RunRecord run = current.parse(container);
        long number = current.number();
        try {
            ProcessIdentity.Liveness keeper = run.process().liveness();
            if (keeper == ProcessIdentity.Liveness.UNKNOWN) {
                return hasEndedSince(container, number)
                        ? new RunState.Exited(exitStatus(container))
                        : new RunState.Elsewhere(run.process().host(), run.startedAt());
            }
            boolean thisBoot =
                    run.process().bootId().equals(ProcessIdentity.current().bootId());
            Optional<ProcessIdentity> init = thisBoot ? init(container, run) : Optional.empty();
            boolean lives = init.isPresent() && init.get().liveness() == ProcessIdentity.Liveness.ALIVE;
            if (keeper == ProcessIdentity.Liveness.ALIVE || lives) {
                return new RunState.Running(
                        lives ? init.get().pid() : 0,
                        keeper == ProcessIdentity.Liveness.ALIVE ? run.process().pid() : 0,
                        run.background(),
                        run.startedAt());
            }
            return new RunState.Exited(exitStatus(container));
        } catch (IOException e) {
            throw ContainerStore.unusable("cannot tell whether " + container.name() + " runs", e);
        }
    }

    /**
     * Whether the exit status is that of this run: it was written after the run's record, by the clock of the filesystem. An older one, which another host's claim has
     * removed, can still be seen for some seconds on a network filesystem.
     */
    private static boolean hasEndedSince(Container container, long number) throws IOException {
        try {
            FileTime exit = Files.getLastModifiedTime(container.exitFile());
            return exit.compareTo(Files.getLastModifiedTime(container.runFile(number))) > 0;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** The container's first process, as the runtime has noted it. */
    private static Optional<ProcessIdentity> init(Container container, RunRecord run) throws IOException {
        try {
            JsonObject state = JsonObject.parse(
                    Files.readAllBytes(RunDirectories.runtimeState(run.runDirectory(), container.name())));
            ProcessIdentity keeper = run.process();
            return Optional.of(new ProcessIdentity(
                    keeper.host(),
                    keeper.bootId(),
                    state.number("init_process_pid"),
                    state.number("init_process_start"),
                    keeper.pidNamespace(),
                    keeper.uid()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            // The runtime writes it at this moment.
            return Optional.empty();
        }
    }

    private static @Nullable Integer exitStatus(Container container) throws IOException {
        try {
            return Integer.valueOf(Files.readString(container.exitFile()).strip());
        } catch (NoSuchFileException | NumberFormatException e) {
            return null;
        }
    }

    /**
     * Takes the container for a run.
     *
     * @return the number of the run
     * @throws PluralityException (BUSY) when it runs
     */
    long claim(Container container, RunRecord run) throws PluralityException {
        Path mine = container
                .directory()
                .resolve("claim~" + Long.toHexString(ThreadLocalRandom.current().nextLong()));
        try {
            DurableFiles.writeNew(mine, run.toJson());
            try {
                while (true) {
                    Optional<Current> current = current(container);
                    if (current.isPresent()) {
                        refuseRunning(container, state(container, current.get()));
                    }
                    long last = current.isPresent() ? current.get().number() : 0;
                    if (link(container, last + 1, mine)) {
                        forgetBefore(container, last);
                        Files.deleteIfExists(container.exitFile());
                        Files.deleteIfExists(container.pidFile());
                        return last + 1;
                    }
                }
            } finally {
                Files.deleteIfExists(mine);
            }
        } catch (IOException e) {
            throw ContainerStore.unusable("cannot run " + container.name(), e);
        }
    }

    /** False when somebody was quicker: who, is asked again. */
    private static boolean link(Container container, long number, Path mine) throws IOException {
        try {
            Files.createLink(container.runFile(number), mine);
        } catch (FileAlreadyExistsException e) {
            return false;
        }
        // So long ago was the look at the current one that runs of this number and later ones came and went.
        if (highest(container) > number) {
            Files.deleteIfExists(container.runFile(number));
            return false;
        }
        return true;
    }

    /** Of ended runs the last stays, for the case that this one does not come about. */
    private static void forgetBefore(Container container, long last) throws IOException {
        for (long number : numbers(container)) {
            if (number < last) {
                Files.deleteIfExists(container.runFile(number));
            }
        }
    }

    /** Takes a claim back whose run did not come about. */
    void release(Container container, long number) throws PluralityException {
        try {
            Files.deleteIfExists(container.runFile(number));
        } catch (IOException e) {
            throw ContainerStore.unusable("cannot forget the run of " + container.name(), e);
        }
    }

    /** Forgets all runs, for one of a host that will not come back. */
    public void forget(Container container) throws PluralityException {
        try {
            for (long number : numbers(container)) {
                Files.deleteIfExists(container.runFile(number));
            }
        } catch (IOException e) {
            throw ContainerStore.unusable("cannot forget the run of " + container.name(), e);
        }
    }

    /** The node-local directory of the current run. */
    Path runDirectory(Container container) throws PluralityException {
        Optional<Current> current = current(container);
        return current.isEmpty()
                ? directories.of(container)
                : current.get().parse(container).runDirectory();
    }

    static void refuseRunning(Container container, RunState state) throws PluralityException {
        if (state instanceof RunState.Running running) {
            throw new PluralityException(
                    FailureKind.BUSY,
                    "cannot run " + container.name() + ": it runs already"
                            + (running.pid() == 0 ? "" : ", as process " + running.pid()),
                    "'plurality exec " + container.name() + " COMMAND' runs something in it, 'plurality stop "
                            + container.name() + "' ends it");
        }
        if (state instanceof RunState.Elsewhere elsewhere) {
            throw elsewhere("cannot run " + container.name(), container, elsewhere);
        }
    }

    static PluralityException elsewhere(String action, Container container, RunState.Elsewhere state) {
        return new PluralityException(
                FailureKind.BUSY,
                action + ": it runs on " + state.host() + " since " + state.since() + ", which this host cannot see",
                "do it on " + state.host() + "; if that will not come back, forget the run: plurality stop --forget "
                        + container.name());
    }

    /** The run that counts. */
    private record Current(long number, String document) {
        RunRecord parse(Container container) throws PluralityException {
            try {
                return RunRecord.parse(document.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new PluralityException(
                        FailureKind.STORAGE,
                        "cannot read " + container.runFile(number) + ": " + PluralityException.reasonOf(e),
                        "if nothing of it runs, forget that: plurality stop --forget " + container.name(),
                        e);
            }
        }
    }

    private static Optional<Current> current(Container container) throws PluralityException {
        while (true) {
            try {
                long number = highest(container);
                return number == 0
                        ? Optional.empty()
                        : Optional.of(new Current(number, Files.readString(container.runFile(number))));
            } catch (NoSuchFileException e) {
                // Taken back at this moment.
            } catch (IOException e) {
                throw ContainerStore.unusable("cannot tell whether " + container.name() + " runs", e);
            }
        }
    }

    private static long highest(Container container) throws IOException {
        long highest = 0;
        for (long number : numbers(container)) {
            highest = Math.max(highest, number);
        }
        return highest;
    }

    private static List<Long> numbers(Container container) throws IOException {
        List<Long> numbers = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(container.directory())) {
            for (Path file : files) {
                long number = Container.runNumber(String.valueOf(file.getFileName()));
                if (number > 0) {
                    numbers.add(number);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw new IOException(e);
        } catch (NoSuchFileException e) {
            throw new IOException("it was deleted", e);
        }
        return numbers;
    }

    /** Now, to the millisecond, as records keep it. */
    static Instant now() {
        return Instant.ofEpochMilli(System.currentTimeMillis());
    }
}
