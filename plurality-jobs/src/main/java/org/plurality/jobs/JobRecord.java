// SPDX-License-Identifier: Apache-2.0
package org.plurality.jobs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/**
 * The record of one job, a directory of small files:
 *
 * <pre>
 * user, cache           whose it is; the cache that it chose, or nothing
 * images, settings      names of images, and variables NAME=VALUE, each ended by NUL
 * state                 a {@link JobState}; the hook writes WAITING, last of all
 * job                   the job's name, once the server has it
 * out, log              what the pull printed
 * digests               one line an image, in the order of the images
 * comment               why staging failed
 * user-hold             after a failure the job has a user's hold in place of ours
 * worker                pid and start time of the pull
 * </pre>
 *
 * <p>Each file is replaced by a rename, so that a reader finds the old or the new text. The record may be removed
 * at any
 * time: readers get an empty value then.
 */
public final class JobRecord {
    /** Bounds what is read of a file that others wrote. */
    private static final long MOST_BYTES = 1 << 20;

    private final Path directory;

    JobRecord(Path directory) {
        this.directory = directory;
    }

    public String tag() {
        return String.valueOf(directory.getFileName());
    }

    public Path settings() {
        return directory.resolve("settings");
    }

    public Path out() {
        return directory.resolve("out");
    }

    public Path log() {
        return directory.resolve("log");
    }

    public boolean exists() {
        return Files.isDirectory(directory);
    }

    public Optional<String> user() throws IOException {
        return text("user");
    }

    public Optional<String> cache() throws IOException {
        return text("cache");
    }

    public Optional<String> job() throws IOException {
        return text("job");
    }

    public Optional<String> comment() throws IOException {
        return text("comment");
    }

    public Optional<String> worker() throws IOException {
        return text("worker");
    }

    public Optional<JobState> state() throws IOException {
        return text("state").flatMap(JobState::of);
    }

    public boolean hasUserHold() {
        return Files.exists(directory.resolve("user-hold"));
    }

    public List<String> images() throws IOException {
        String words = read(directory.resolve("images")).orElse("");
        return words.isEmpty()
                ? List.of()
                : List.of(words.split("\0", -1)).subList(0, words.split("\0", -1).length - 1);
    }

    public void setJob(String job) throws IOException {
        write("job", job);
    }

    public void setDigests(List<String> digests) throws IOException {
        write("digests", String.join("\n", digests) + "\n");
    }

    public void setComment(String comment) throws IOException {
        write("comment", comment + "\n");
    }

    public void setWorker(String worker) throws IOException {
        write("worker", worker);
    }

    public void setUserHold(boolean held) throws IOException {
        if (held) {
            write("user-hold", "");
        } else {
            Files.deleteIfExists(directory.resolve("user-hold"));
        }
    }

    /**
     * Changes the state.
     *
     * @return false if the record was removed, or is in a state that the new one may not follow; then nothing
     * is changed
     */
    public boolean become(JobState next) throws IOException {
        Optional<JobState> now = state();
        if (now.isEmpty() || !now.get().next().contains(next)) {
            return false;
        }
        write("state", next.word());
        return true;
    }

    /** Removes all of it. Removing a record that is gone is no error. */
    public void remove() throws IOException {
        // Without a state it is no record any more, whatever ends this in the middle.
        Files.deleteIfExists(directory.resolve("state"));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return;
        }
        Files.deleteIfExists(directory);
    }

    /** Returns a job's number in its name: {@code 12} in {@code 12.server}, {@code 12[]} in {@code 12[].server}. */
    public static String number(String job) {
        int dot = job.indexOf('.');
        return dot < 0 ? job : job.substring(0, dot);
    }

    /** Returns what a file contains; nothing if there is none. */
    static Optional<String> read(Path file) throws IOException {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new IOException(file + " is larger than " + MOST_BYTES + " bytes");
            }
            return Optional.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
        } catch (NoSuchFileException | NotDirectoryException e) {
            return Optional.empty();
        }
    }

    private Optional<String> text(String name) throws IOException {
        return read(directory.resolve(name)).map(String::strip).filter(text -> !text.isEmpty());
    }

    private void write(String name, String text) throws IOException {
        Path written = directory.resolve(name + ".new");
        Files.writeString(written, text);
        Files.move(
                written, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
