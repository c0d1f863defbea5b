// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/** Ends containers, and removes them. */
public record ContainerStopper(ContainerStore store, RunClaims runs, RunDirectories directories) {
    /** For the kernel to take down what was killed, on a loaded node. */
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(30);

    /**
     * TERM to the container's first process, then KILL, which ends all of its processes. Fine when it does not run.
     *
     * @param patience between the two
     * @return whether it ran
     * @throws PluralityException (BUSY) when it runs on another host, or does not end
     */
    public boolean stop(Container container, Duration patience) throws PluralityException {
        RunState state = runs.state(container);
        if (state instanceof RunState.Elsewhere elsewhere) {
            throw RunClaims.elsewhere("cannot stop " + container.name(), container, elsewhere);
        }
        if (!(state instanceof RunState.Running running)) {
            return false;
        }
        Optional<ProcessHandle> init = handle(running.pid());
        Optional<ProcessHandle> keeper = handle(running.keeper());
        ProcessHandle target = init.or(() -> keeper).orElse(null);
        if (target != null) {
            target.destroy();
            if (!hasEnded(target, patience)) {
                target.destroyForcibly();
            }
        }
        for (Optional<ProcessHandle> process : java.util.List.of(init, keeper)) {
            if (process.isPresent() && !hasEnded(process.get(), KILL_PATIENCE)) {
                throw new PluralityException(
                        FailureKind.BUSY,
                        "cannot stop " + container.name() + ": process "
                                + process.get().pid() + " does not end",
                        "it may wait for a filesystem: ps -o stat,wchan -p "
                                + process.get().pid());
            }
        }
        return true;
    }

    /**
     * @param force whether a running one is killed first
     * @throws PluralityException (BUSY) when it runs
     */
    public void delete(Container container, boolean force) throws PluralityException {
        RunState state = runs.state(container);
        if (state instanceof RunState.Elsewhere elsewhere) {
            throw RunClaims.elsewhere("cannot delete " + container.name(), container, elsewhere);
        }
        if (state instanceof RunState.Running running && !force) {
            throw new PluralityException(
                    FailureKind.BUSY,
                    "cannot delete " + container.name() + ": it runs"
                            + (running.pid() == 0 ? "" : " as process " + running.pid()),
                    "stop it first, or kill it with it: plurality delete --force " + container.name());
        }
        stop(container, Duration.ZERO);
        releaseLayer(container);
        directories.remove(container);
        store.remove(container);
    }

    /** What it was made from may be unreadable by now, or its cache: neither is a reason to keep it. */
    private static void releaseLayer(Container container) {
        try {
            LayerLease.release(container);
        } catch (PluralityException e) {
            // The lease has a date.
        }
    }

    private static Optional<ProcessHandle> handle(long pid) {
        return pid == 0 ? Optional.empty() : ProcessHandle.of(pid);
    }

    private static boolean hasEnded(ProcessHandle process, Duration patience) throws PluralityException {
        try {
            process.onExit().get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return !process.isAlive();
        } catch (ExecutionException e) {
            return !process.isAlive();
        } catch (InterruptedException e) {
            throw HostCommand.interrupted(e);
        }
    }
}
