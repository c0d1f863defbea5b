// SPDX-License-Identifier: Apache-2.0
package org.plurality.jobs;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The directory on the server's host through which the hook and the agent talk. This class spells its paths:
 *
 * <pre>
 * TAG/                  a job's record: see {@link JobRecord}; TAG is 32 hexadecimal digits
 * wake/TAG              the hook wants TAG looked at
 * wake/all              the hook wants all records looked at
 * agent                 pid and start time of the agent that runs
 * agent.lock            the agent has it locked
 * slots/USER/silent     since when the home directory of USER does not answer
 * nice, at-once         settings of pbs/install: the agent's priority, and how many images are staged in at once
 * patience              seconds after which a server that does not know a job has refused it
 * </pre>
 */
public final class Spool {
    private static final Pattern TAG = Pattern.compile("[0-9a-f]{32}");

    /** A home directory that did not answer is left alone for this long. */
    private static final Duration SILENCE = Duration.ofMinutes(10);

    private static final String ALL = "all";

    private final Path root;
    private final InstantSource clock;

    public Spool(Path root, InstantSource clock) {
        this.root = root;
        this.clock = clock;
    }

    public Path lock() {
        return root.resolve("agent.lock");
    }

    public Path runningAgent() {
        return root.resolve("agent");
    }

    public boolean exists() {
        return Files.isDirectory(root);
    }

    /** Returns the record of that tag. It need not exist. */
    public JobRecord record(String tag) {
        return new JobRecord(root.resolve(tag));
    }

    /** Returns all records that are complete: the hook writes the state last. */
    public List<JobRecord> records() throws IOException {
        List<JobRecord> records = new ArrayList<>();
        for (String name : names(root)) {
            if (isTag(name)) {
                JobRecord record = record(name);
                if (record.state().isPresent()) {
                    records.add(record);
                }
            }
        }
        return records;
    }

    /**
     * Requests of the hook.
     *
     * @param all whether the agent is to look at all records
     */
    record Requests(boolean all, List<JobRecord> records) {}

    /** Takes the requests that wait. One that comes during the call is returned by this call or by the next. */
    Requests requests() throws IOException {
        Path wake = root.resolve("wake");
        List<JobRecord> records = new ArrayList<>();
        boolean all = false;
        for (String name : names(wake)) {
            Files.deleteIfExists(wake.resolve(name));
            all |= name.equals(ALL);
            if (isTag(name)) {
                records.add(record(name));
            }
        }
        return new Requests(all, records);
    }

    /** Returns whether a request waits. */
    public boolean hasRequests() throws IOException {
        return !names(root.resolve("wake")).isEmpty();
    }

    /** Returns the number in a settings file, or the default. */
    public int setting(String name, int unset) throws IOException {
        String text = JobRecord.read(root.resolve(name)).orElse("").trim();
        return text.matches("[0-9]{1,4}") ? Integer.parseInt(text) : unset;
    }

    /** Returns whether the user's home directory did not answer a short time ago. */
    public boolean isSilent(String user) throws IOException {
        try {
            FileTime since = Files.getLastModifiedTime(silent(user));
            return since.toInstant().plus(SILENCE).isAfter(clock.instant());
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    public void markSilent(String user) throws IOException {
        Path mark = silent(user);
        Files.createDirectories(mark.resolveSibling("."));
        Files.writeString(mark, "");
        Files.setLastModifiedTime(mark, FileTime.from(clock.instant()));
    }

    /** Returns the one record of the job with that number or name. */
    public Optional<JobRecord> ofJob(String job) throws IOException {
        for (JobRecord record : records()) {
            String name = record.job().orElse("");
            if (name.equals(job) || (!name.isEmpty() && JobRecord.number(name).equals(job))) {
                return Optional.of(record);
            }
        }
        return Optional.empty();
    }

    public static boolean isTag(String text) {
        return TAG.matcher(text).matches();
    }

    private Path silent(String user) {
        return root.resolve("slots").resolve(user).resolve("silent");
    }

    private static List<String> names(Path directory) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                names.add(String.valueOf(entry.getFileName()));
            }
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }
}
