// SPDX-License-Identifier: Apache-2.0
package org.plurality.jobs;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.plurality.process.ProcessIdentity;

/**
 * Runs {@code plurality-stagein} with the rights of a job's user and no others, by {@code libexec/stage-as-user},
 * in a
 * session of its own. The agent is root, or the user itself.
 */
public final class UserProcess {
    /** Exit status of a process that was ended because it did not end in time. */
    static final int TIMED_OUT = 124;

    private static final Duration ENDING = Duration.ofSeconds(5);

    private final Path program;
    private final int nice;

    public UserProcess(Path prefix, int nice) {
        this.program = prefix.resolve("libexec/stage-as-user");
        this.nice = nice;
    }

    /** Told which process was started, before anybody waits for it. */
    interface Started {
        void with(String worker) throws IOException;
    }

    /**
     * Runs it to its end.
     *
     * @param settings file of variables for it; need not exist
     * @param limit after which it is ended, and {@link #TIMED_OUT} returned
     * @return its exit status
     */
    int run(
            String user,
            Path settings,
            Path out,
            Path log,
            Optional<Duration> limit,
            Started started,
            List<String> arguments)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command(user, arguments))
                .directory(new File("/"))
                .redirectInput(Files.exists(settings) ? settings.toFile() : new File("/dev/null"))
                .redirectOutput(out.toFile())
                .redirectError(log.toFile());
        Process process = builder.start();
        giveWay(process.pid());
        started.with(identity(process.pid()));
        if (limit.isEmpty() || process.waitFor(limit.get().toMillis(), TimeUnit.MILLISECONDS)) {
            return process.waitFor();
        }
        end(process.toHandle());
        return TIMED_OUT;
    }

    /** Ends what an earlier agent started and did not wait for. */
    static void endLeftOver(String worker) throws InterruptedException {
        String[] words = worker.split(" ", -1);
        Optional<ProcessHandle> process = words.length == 2 && words[0].matches("[0-9]{1,10}")
                ? ProcessHandle.of(Long.parseLong(words[0]))
                : Optional.empty();
        if (process.isPresent() && identity(process.get().pid()).equals(worker)) {
            end(process.get());
        }
    }

    private static void end(ProcessHandle process) throws InterruptedException {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.add(process);
        all.forEach(ProcessHandle::destroy);
        long deadline = System.nanoTime() + ENDING.toNanos();
        while (all.stream().anyMatch(ProcessHandle::isAlive) && System.nanoTime() < deadline) {
            Thread.sleep(50);
        }
        all.forEach(ProcessHandle::destroyForcibly);
    }

    private List<String> command(String user, List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("setsid", "--wait"));
        String uid = id("-u", user);
        if (!uid.equals(id("-u", ""))) {
            command.addAll(List.of(
                    "setpriv",
                    "--reuid",
                    uid,
                    "--regid",
                    id("-g", user),
                    "--init-groups",
                    "--inh-caps=-all",
                    "--bounding-set=-all",
                    "--no-new-privs",
                    "--reset-env",
                    "--"));
        }
        command.add(program.toString());
        command.addAll(arguments);
        return command;
    }

    private static String id(String what, String user) throws IOException, InterruptedException {
        List<String> command = user.isEmpty() ? List.of("id", what) : List.of("id", what, "--", user);
        Commands.Result result = Commands.run(Duration.ofSeconds(30), Map.of(), command);
        String id = result.output().strip();
        if (result.status() != 0 || !id.matches("[0-9]{1,10}")) {
            throw new IOException("user " + user + " is not known on this host");
        }
        return id;
    }

    /** The kernel may weigh sessions, not processes: the new session gives way as this process does. */
    private void giveWay(long pid) {
        try {
            Files.write(
                    Path.of("/proc/" + pid + "/autogroup"),
                    Integer.toString(nice).getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            // Most kernels weigh processes only.
        }
    }

    /** Returns pid and start time; without the latter the process has ended. */
    static String identity(long pid) {
        try {
            return pid + " " + ProcessIdentity.of(pid).startTicks();
        } catch (IOException e) {
            return pid + " -";
        }
    }
}
