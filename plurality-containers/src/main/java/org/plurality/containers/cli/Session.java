// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.plurality.config.HomeDirectory;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/**
 * What the script {@code plurality} gives this process.
 *
 * @param out for results
 * @param err for progress and errors
 */
record Session(Map<String, String> environment, PrintStream out, PrintStream err) {
    static Session ofProcess() {
        return new Session(HomeDirectory.in(System.getenv()), stream(FileDescriptor.out), stream(FileDescriptor.err));
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    /** The script's process, which becomes the command line of {@link #become}. */
    long launcher() throws PluralityException {
        return Long.parseLong(given("PLURALITY_LAUNCHER"));
    }

    /** A file of the tree that this program is part of. */
    Path tree(String file) throws PluralityException {
        return Path.of(given("PLURALITY_PREFIX")).resolve(file).toAbsolutePath().normalize();
    }

    /** Has the script replace itself by a command line once this process has ended. */
    void become(List<String> line) throws PluralityException {
        try {
            // A NUL after each word, and "end" after all.
            Files.writeString(Path.of(given("PLURALITY_PLAN")), String.join("\0", line) + "\0end\0");
        } catch (IOException e) {
            throw new PluralityException(
                    FailureKind.OTHER,
                    "cannot hand the command line over: " + PluralityException.reasonOf(e),
                    "call it as 'plurality', not by its Java class",
                    e);
        }
    }

    /** Whether the container can have the terminal: the script's standard input and output are one. */
    boolean isTerminal() {
        return "1".equals(environment.get("PLURALITY_TERMINAL"));
    }

    private String given(String name) throws PluralityException {
        String value = environment.get(name);
        if (value == null) {
            throw new PluralityException(
                    FailureKind.OTHER,
                    "cannot start: " + name + " is not set",
                    "call it as 'plurality', not by its Java class");
        }
        return value;
    }
}
