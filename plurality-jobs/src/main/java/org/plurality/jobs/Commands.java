// SPDX-License-Identifier: Apache-2.0
package org.plurality.jobs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a short command of the host, without a shell. */
public final class Commands {
    private Commands() {}

    /** @param status 124 if the command was ended because it did not end in time */
    public record Result(int status, String output) {}

    /** Returns what the command printed on both outputs, and how it ended. */
    public static Result run(Duration limit, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        Thread watch = Thread.ofVirtual().start(() -> endAfter(process, limit));
        try (InputStream output = process.getInputStream()) {
            String text = new String(output.readAllBytes(), StandardCharsets.UTF_8);
            int status = process.waitFor();
            return new Result(status == 128 + 9 ? UserProcess.TIMED_OUT : status, text);
        } finally {
            watch.interrupt();
        }
    }

    private static void endAfter(Process process, Duration limit) {
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            // It has ended.
        }
    }
}
