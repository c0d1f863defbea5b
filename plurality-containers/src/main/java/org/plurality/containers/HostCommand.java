// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/** Runs a program of the host to its end, and keeps what it says. */
final class HostCommand {
    /** Of what it says, which may be a line for each file. */
    private static final int MOST = 64 << 10;

    private HostCommand() {}

    /** @param output of both streams; its beginning */
    record Outcome(int status, String output) {
        /** The first line that is not blank. */
        String firstLine() {
            for (String line : output.split("\n", -1)) {
                if (!line.isBlank()) {
                    return line.strip();
                }
            }
            return "it ended with status " + status;
        }
    }

    /** @throws PluralityException (OTHER) when the program is not there, (INTERRUPTED) */
    static Outcome run(List<String> command) throws PluralityException {
        Path program = Path.of(command.get(0));
        if (!Files.isExecutable(program)) {
            throw new PluralityException(
                    FailureKind.OTHER,
                    "cannot go on: this host has no " + program,
                    "install it: plurality uses coreutils, and squashfs-tools for images that are staged as squashfs");
        }
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C");
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            byte[] beginning = process.getInputStream().readNBytes(MOST);
            process.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
            return new Outcome(process.waitFor(), new String(beginning, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new PluralityException(
                    FailureKind.OTHER,
                    "cannot run " + program + ": " + PluralityException.reasonOf(e),
                    "check memory and limits of this session (ulimit -a)",
                    e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    static PluralityException interrupted(InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new PluralityException(FailureKind.INTERRUPTED, "cannot go on: interrupted", "run it again", cause);
    }
}
