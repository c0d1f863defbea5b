// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.scheduler;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Runs a scheduler's command without input, for a bounded time and with bounded output. Its environment contains
 * everything except variables that narrow or rewrite Slurm's answers ({@code SQUEUE_USERS}, {@code SLURM_CLUSTERS}): a
 * hidden job would count as ended.
 */
final class Tool {
    private static final int MOST_BYTES = 64 << 20;

    /** Documentation: the sections on environment variables of squeue(1), sacct(1) and scontrol(1). */
    private static final Pattern CHANGES_ANSWERS = Pattern.compile("(?:SQUEUE|SACCT|SCONTROL)_.*|SLURM_CLUSTERS");

    private final Duration patience;
    private final @Nullable Path directory;
    private final Map<String, String> environment;

    /** Commands are searched for on {@code PATH}. */
    Tool(Duration patience) {
        this(patience, null, System.getenv());
    }

    /** @param directory directory of the commands; null for {@code PATH} */
    Tool(Duration patience, @Nullable Path directory, Map<String, String> environment) {
        this.patience = patience;
        this.directory = directory;
        this.environment = new HashMap<>(environment);
        this.environment.keySet().removeIf(name -> CHANGES_ANSWERS.matcher(name).matches());
    }

    /** The output and exit status of a command. */
    record Output(int status, String out, String err) {}

    /** Returns empty if there is no such command, it did not end in time, or its output was too large. */
    Optional<Output> run(List<String> command) {
        Process process;
        try {
            List<String> located = new ArrayList<>(command);
            if (directory != null) {
                located.set(0, directory.resolve(command.get(0)).toString());
            }
            ProcessBuilder builder = new ProcessBuilder(located).redirectInput(new File("/dev/null"));
            builder.environment().clear();
            builder.environment().putAll(environment);
            process = builder.start();
        } catch (IOException e) {
            return Optional.empty();
        }
        try {
            CompletableFuture<String> out = read(process.getInputStream());
            CompletableFuture<String> err = read(process.getErrorStream());
            long deadline = System.nanoTime() + patience.toNanos();
            String text = out.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            String errors = err.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (!process.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                return Optional.empty();
            }
            return Optional.of(new Output(process.exitValue(), text, errors));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (TimeoutException | ExecutionException e) {
            return Optional.empty();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static CompletableFuture<String> read(InputStream stream) {
        CompletableFuture<String> text = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("scheduler-output").start(() -> {
            try (stream) {
                byte[] bytes = stream.readNBytes(MOST_BYTES);
                if (bytes.length == MOST_BYTES) {
                    throw new IOException("too much output");
                }
                text.complete(new String(bytes, StandardCharsets.UTF_8));
            } catch (IOException e) {
                text.completeExceptionally(e);
            }
        });
        return text;
    }
}
