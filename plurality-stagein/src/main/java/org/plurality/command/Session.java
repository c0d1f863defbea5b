// SPDX-License-Identifier: Apache-2.0
package org.plurality.command;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.plurality.config.HomeDirectory;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.progress.JsonProgress;
import org.plurality.progress.LineProgress;
import org.plurality.progress.Progress;
import org.plurality.progress.ReadProgress;
import org.plurality.progress.TerminalProgress;
import org.plurality.pull.Interruption;

/**
 * What a process is given: its environment and where its words go.
 *
 * @param out for results
 * @param err for progress and errors
 * @param terminal whether {@code err} is one
 */
record Session(
        Map<String, String> environment,
        PrintStream out,
        PrintStream err,
        boolean terminal,
        Interruption interruption) {
    private static final int USUAL_COLUMNS = 80;

    static Session ofProcess() {
        Interruption interruption = new Interruption();
        interruption.install();
        return new Session(
                HomeDirectory.in(System.getenv()),
                stream(FileDescriptor.out),
                stream(FileDescriptor.err),
                isTerminal(),
                interruption);
    }

    /** @param how {@code auto}, {@code plain}, {@code json} or {@code none} */
    Progress progress(String how) throws PluralityException {
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

    Progress progress(boolean quiet) {
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
    ReadProgress reading(long total) {
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
