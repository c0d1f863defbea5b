// SPDX-License-Identifier: Apache-2.0
package org.plurality.app;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.plurality.config.HomeDirectory;
import org.plurality.display.JsonProgress;
import org.plurality.display.LineProgress;
import org.plurality.display.Progress;
import org.plurality.display.ReadProgress;
import org.plurality.display.TerminalProgress;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.pull.ShutdownHandler;

/**
 * What a process is given: its environment and where its words go.
 *
 * @param out for results
 * @param err for progress and errors
 * @param terminal whether {@code err} is one
 */
public record Session(
        Map<String, String> environment,
        PrintStream out,
        PrintStream err,
        boolean terminal,
        ShutdownHandler interruption) {
    /** The program that these commands belong to. */
    public static final String PROGRAM = "plurality-stagein";

    private static final int USUAL_COLUMNS = 80;

    public static Session ofProcess() {
        ShutdownHandler interruption = new ShutdownHandler();
        interruption.install();
        return new Session(
                HomeDirectory.in(System.getenv()),
                stream(FileDescriptor.out),
                stream(FileDescriptor.err),
                isTerminal(),
                interruption);
    }

    /** @param how {@code auto}, {@code plain}, {@code json} or {@code none} */
    public Progress progress(String how) throws PluralityException {
        return switch (how) {
            case "auto" -> progress(false);
            case "plain" -> new LineProgress(err);
            case "json" -> new JsonProgress(err, System::nanoTime);
            case "none" -> new Progress.Quiet();
            default ->
                throw new PluralityException(
                        FailureKind.USAGE,
                        "cannot show progress as '" + how + "': there is no such way",
                        "use auto, plain, json or none");
        };
    }

    public Progress progress(boolean quiet) {
        if (quiet) {
            return new Progress.Quiet();
        }
        return terminal && !"dumb".equals(environment.get("TERM"))
                ? new TerminalProgress(err, columns(), System::nanoTime)
                : new LineProgress(err);
    }

    /**
     * Of a reading that takes long.
     *
     * @param total bytes in all
     */
    public ReadProgress reading(long total) {
        boolean isPainted = terminal && !"dumb".equals(environment.get("TERM"));
        return new ReadProgress(err, isPainted, columns(), total, System::nanoTime);
    }

    private int columns() {
        try {
            return Math.max(20, Integer.parseInt(environment.getOrDefault("COLUMNS", "")));
        } catch (NumberFormatException e) {
            return USUAL_COLUMNS;
        }
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    /** Java can ask this of standard input and output together only. */
    private static boolean isTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }
}
