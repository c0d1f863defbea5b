// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.events;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.plurality.cache.CacheLayout;
import org.plurality.cache.CachePermissions;
import org.plurality.cache.DurableFiles;
import org.plurality.cache.FileStat;
import org.plurality.failure.Printable;
import org.plurality.json.JsonObject;

/**
 * The log of a cache: one JSON object in each line, appended by one write, by any user with write access. On network
 * filesystems, two hosts that append at once may overwrite or mix lines, so readers skip lines that they cannot parse.
 *
 * <p>At {@link #ROTATED_BYTES} the log is renamed to {@code events-UUID.jsonl}; the {@link #KEPT} newest of these
 * files are kept. Failures to log are swallowed, so that logging never makes an operation fail.
 */
public final class EventLog {
    static final long ROTATED_BYTES = 8L << 20;
    static final int KEPT = 4;

    private static final int MOST_TEXT = 500;
    private static final int MOST_LINE = 8192;

    private final CacheLayout layout;
    private final Clock clock;
    private final long rotatedBytes;

    public EventLog(CacheLayout layout, Clock clock) {
        this(layout, clock, ROTATED_BYTES);
    }

    EventLog(CacheLayout layout, Clock clock, long rotatedBytes) {
        this.layout = layout;
        this.clock = clock;
        this.rotatedBytes = rotatedBytes;
    }

    /** Appends an event; {@code digest}, {@code reference} and {@code why} may be empty. */
    public void log(Event.Kind kind, String digest, String reference, long bytes, long millis, String why) {
        log(kind, digest, reference, bytes, 0, millis, why);
    }

    /** Appends the current size of the cache. */
    public void logSize(long bytes, long inodes, long millis) {
        log(Event.Kind.SIZE, "", "", bytes, inodes, millis, "");
    }

    private void log(
            Event.Kind kind, String digest, String reference, long bytes, long inodes, long millis, String why) {
        Event event = new Event(
                clock.instant(),
                kind.label(),
                digest,
                bounded(reference),
                bytes,
                inodes,
                millis,
                bounded(why),
                System.getProperty("user.name", "?"),
                host());
        try {
            append((JsonObject.line(event) + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException | RuntimeException e) {
            // A log that cannot be written must not make the operation fail.
        }
    }

    /** Reads all events of this log and its rotated parts, the oldest first. */
    public void read(Consumer<Event> reader) throws IOException {
        List<Path> files = rotated();
        files.add(layout.events());
        for (Path file : files) {
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                continue;
            }
            try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS);
                    BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
                for (String line = nextLine(lines); line != null; line = nextLine(lines)) {
                    try {
                        reader.accept(Event.parse(line));
                    } catch (IOException e) {
                        // The line is mixed with another host's, or truncated.
                    }
                }
            }
        }
    }

    private void append(byte[] line) throws IOException {
        Path file = layout.events();
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            FileStat found = FileStat.of(file);
            if (!found.isRegular() || found.links() != 1) {
                return;
            }
        } else {
            CachePermissions.createDirectories(layout, layout.log());
        }
        try (SeekableByteChannel channel = Files.newByteChannel(
                file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND, LinkOption.NOFOLLOW_LINKS))) {
            if (channel.size() == 0) {
                CachePermissions.shareLog(file);
            }
            channel.write(ByteBuffer.wrap(line));
            if (channel.size() < rotatedBytes) {
                return;
            }
        }
        rotate(file);
    }

    private void rotate(Path file) throws IOException {
        Path old = file.resolveSibling("events-" + UUID.randomUUID() + ".jsonl");
        DurableFiles.rename(file, old);
        List<Path> rotated = rotated();
        for (Path surplus : rotated.subList(0, Math.max(0, rotated.size() - KEPT))) {
            Files.deleteIfExists(surplus);
        }
    }

    /** Returns the rotated logs, the oldest first. */
    private List<Path> rotated() throws IOException {
        record Part(Path file, Instant modified) {}
        List<Part> parts = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(layout.log(), "events-*.jsonl")) {
            for (Path file : files) {
                parts.add(new Part(file, FileStat.of(file).modified()));
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        parts.sort(Comparator.comparing(Part::modified));
        List<Path> files = new ArrayList<>();
        parts.forEach(part -> files.add(part.file()));
        return files;
    }

    /** Returns the next line, truncated to a bound and without its newline; null at the end. */
    private static @Nullable String nextLine(Reader lines) throws IOException {
        StringBuilder line = new StringBuilder();
        int c = lines.read();
        if (c < 0) {
            return null;
        }
        for (; c >= 0 && c != '\n'; c = lines.read()) {
            if (line.length() < MOST_LINE) {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    private static String bounded(String text) {
        String line = Printable.line(text);
        return line.length() > MOST_TEXT ? line.substring(0, MOST_TEXT) : line;
    }

    private static String host() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
