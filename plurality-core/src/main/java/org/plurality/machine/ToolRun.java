// SPDX-License-Identifier: Apache-2.0
package org.plurality.machine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The result of running a program without input, for at most ten seconds.
 *
 * @param status exit status; -1 if the program was killed
 * @param text the beginning of its output, both streams together
 */
public record ToolRun(int status, String text) {
    private static final int SECONDS = 10;
    private static final int MOST_BYTES = 16 << 10;

    /** Runs a program; returns empty if it cannot be started. */
    public static Optional<ToolRun> of(List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .start();
            try (InputStream out = process.getInputStream()) {
                Thread.ofPlatform().daemon().name("tool-patience").start(() -> endLate(process));
                String text = new String(out.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
                boolean ended = process.waitFor(SECONDS, TimeUnit.SECONDS);
                return Optional.of(new ToolRun(ended ? process.exitValue() : -1, text.strip()));
            } finally {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    public boolean isOk() {
        return status == 0;
    }

    /** Returns the first line of the output. */
    public String firstLine() {
        return text.lines().findFirst().orElse("").strip();
    }

    /** Finds a program on the PATH of an environment and in the directories of administrators' programs. */
    public static Optional<Path> find(String program, Map<String, String> environment) {
        if (program.contains("/")) {
            return Files.isExecutable(Path.of(program)) ? Optional.of(Path.of(program)) : Optional.empty();
        }
        String path = environment.getOrDefault("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin";
        for (String directory : path.split(":", -1)) {
            Path file = Path.of(directory).resolve(program);
            if (directory.startsWith("/") && Files.isRegularFile(file) && Files.isExecutable(file)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }

    private static void endLate(Process process) {
        try {
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
