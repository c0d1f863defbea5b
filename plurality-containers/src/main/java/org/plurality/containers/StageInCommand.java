// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.reference.Digest;

/**
 * Stages an image in by calling {@code plurality-stagein pull}: the only one of the two that speaks to registries and daemons.
 *
 * @param program its path
 * @param options for the cache and the platform
 * @param err where its progress goes
 * @param quiet whether it shows none
 */
public record StageInCommand(Path program, List<String> options, PrintStream err, boolean quiet) {
    private static final String NAME = "plurality-stagein: ";
    private static final String HINT = "hint: ";

    public StageInCommand {
        options = List.copyOf(options);
    }

    /**
     * Returns the digest of what is in the cache now.
     *
     * @throws PluralityException as it failed there, with its kind, message and hint
     */
    Digest pull(String source) throws PluralityException {
        List<String> command = new ArrayList<>(List.of(program.toString(), "pull"));
        if (quiet) {
            command.add("--quiet");
        }
        command.addAll(options);
        command.add("--");
        command.add(source);
        @Nullable Path output = null;
        try {
            output = Files.createTempFile("plurality-pull", null);
            Process process =
                    new ProcessBuilder(command).redirectOutput(output.toFile()).start();
            process.getOutputStream().close();
            String message = "cannot stage in " + source + ": plurality-stagein said nothing of why";
            String hint = "run it by itself: plurality-stagein pull " + source;
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.startsWith(NAME)) {
                        message = line.substring(NAME.length());
                    } else if (line.startsWith(HINT)) {
                        hint = line.substring(HINT.length());
                    } else {
                        err.println(line);
                    }
                }
            }
            int status = process.waitFor();
            if (status != 0) {
                throw new PluralityException(kind(status), message, hint);
            }
            String printed = Files.readString(output).strip();
            int blank = printed.indexOf(' ');
            return Digest.parse(blank < 0 ? printed : printed.substring(0, blank));
        } catch (IOException | IllegalArgumentException e) {
            throw new PluralityException(
                    FailureKind.OTHER,
                    "cannot stage in " + source + ": " + e.getMessage(),
                    "run it by itself: plurality-stagein pull " + source,
                    e);
        } catch (InterruptedException e) {
            throw HostCommand.interrupted(e);
        } finally {
            remove(output);
        }
    }

    private static void remove(@Nullable Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            // One line in the temporary directory.
        }
    }

    private static FailureKind kind(int status) {
        for (FailureKind kind : FailureKind.values()) {
            if (kind.exitCode() == status) {
                return kind;
            }
        }
        return FailureKind.OTHER;
    }
}
