// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.plurality.bundle.BundleConfig;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/**
 * Runs a container without a terminal, in a session of its own: {@code libexec/background} waits for it, writes its log and its exit status.
 *
 * @param start plans the run
 * @param keeper path of the script
 */
public record Background(RunPlanner start, Path keeper) {
    private static final long POLL_MILLIS = 10;

    /**
     * Returns once the program was started.
     *
     * @throws PluralityException (OTHER) with the runtime's words when it could not be
     */
    public void run(Container container, RunPlanner.Wishes wishes) throws PluralityException {
        BundleConfig config = start.check(container, wishes);
        Process process = launch(container);
        boolean handedOver = false;
        try (OutputStream orders = process.getOutputStream()) {
            List<String> line = start.claim(container, config, RunPlanner.identity(process.pid()), true);
            turnLog(container);
            // A NUL after each word, and "end" after all: half a command line is not run.
            for (String word : line) {
                orders.write((word + "\0").getBytes(StandardCharsets.UTF_8));
            }
            orders.write("end\0".getBytes(StandardCharsets.UTF_8));
            orders.flush();
            handedOver = true;
        } catch (IOException e) {
            throw ContainerStore.unusable("cannot run " + container.name(), e);
        } finally {
            if (!handedOver) {
                process.destroyForcibly();
            }
        }
        await(container, process);
    }

    private Process launch(Container container) throws PluralityException {
        try {
            return new ProcessBuilder(
                            "/usr/bin/setsid",
                            "/bin/bash",
                            "-p",
                            keeper.toString(),
                            container.log().toString(),
                            container.exitFile().toString(),
                            container.pidFile().toString())
                    .directory(Path.of("/").toFile())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new PluralityException(
                    FailureKind.OTHER,
                    "cannot run " + container.name() + " in the background: " + PluralityException.reasonOf(e),
                    "check memory and limits of this session (ulimit -a)",
                    e);
        }
    }

    private static void turnLog(Container container) throws IOException {
        try {
            Files.move(container.log(), container.previousLog(), StandardCopyOption.REPLACE_EXISTING);
        } catch (NoSuchFileException e) {
            // The first run in the background.
        }
        Files.createFile(container.log());
    }

    /** The runtime writes the pid file when the program has been started; without one it never was. */
    private static void await(Container container, Process process) throws PluralityException {
        try {
            while (!Files.exists(container.pidFile())) {
                if (process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS) && !Files.exists(container.pidFile())) {
                    String log = Files.readString(container.log()).strip();
                    throw new PluralityException(
                            FailureKind.OTHER,
                            "cannot run " + container.name() + ": the runtime failed"
                                    + (log.isEmpty() ? "" : " (" + log.substring(log.lastIndexOf('\n') + 1) + ")"),
                            "check " + container.config() + "; 'plurality logs " + container.name()
                                    + "' shows all that it said");
                }
            }
        } catch (IOException e) {
            throw ContainerStore.unusable("cannot read the log of " + container.name(), e);
        } catch (InterruptedException e) {
            throw HostCommand.interrupted(e);
        }
    }
}
