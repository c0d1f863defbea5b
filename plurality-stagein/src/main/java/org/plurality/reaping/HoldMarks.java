package org.plurality.reaping;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.plurality.cache.CacheLayout;
import org.plurality.cache.InheritedAccess;
import org.plurality.cache.UnixFile;
import org.plurality.reference.Digest;

/**
 * Since when users hold images in a cache that is not theirs, by their word alone: one empty file for each image and user, of the cache's
 * owner. It stays for twice {@code lease_max_age}, whether or not the lease does: in that time such leases count for the first half, so
 * that nobody keeps an image for ever by taking one anew.
 *
 * <p>And one for each image that somebody was seen to hold whom the scheduler or the owner vouches for: as old as that, but for a day.
 */
final class HoldMarks {
    private static final String USED = "-used";
    private static final Duration OFTEN_ENOUGH = Duration.ofDays(1);

    private final CacheLayout layout;
    private final Map<String, Instant> since = new HashMap<>();
    private final Set<String> wanted = new HashSet<>();
    private final Set<String> wantedUsed = new HashSet<>();

    private HoldMarks(CacheLayout layout) {
        this.layout = layout;
    }

    static HoldMarks read(CacheLayout layout) throws IOException {
        HoldMarks marks = new HoldMarks(layout);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(layout.holdMarks())) {
            for (Path file : files) {
                try {
                    marks.since.put(
                            String.valueOf(file.getFileName()),
                            UnixFile.of(file).modified());
                } catch (NoSuchFileException e) {
                    // Another pass is at work.
                }
            }
        } catch (NoSuchFileException e) {
            return marks;
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return marks;
    }

    Instant since(Digest image, long uid, Instant otherwise) {
        return since.getOrDefault(name(image, uid), otherwise);
    }

    void want(Digest image, long uid) {
        wanted.add(name(image, uid));
    }

    /** When a use was seen last that is vouched for; the epoch for never. */
    Instant used(Digest image) {
        return since.getOrDefault(image.hex() + USED, Instant.EPOCH);
    }

    void wantUsed(Digest image) {
        wantedUsed.add(image.hex() + USED);
    }

    /** Makes those that are wanted and lack, and removes those that are older than that. */
    void write(Instant now, Duration oldest) throws IOException {
        for (String name : wantedUsed) {
            if (!since.getOrDefault(name, Instant.EPOCH).plus(OFTEN_ENOUGH).isAfter(now)) {
                InheritedAccess.createDirectories(layout, layout.holdMarks());
                try {
                    // Rewritten, it has the server's time.
                    Files.write(layout.holdMarks().resolve(name), new byte[] {'\n'});
                } catch (AccessDeniedException e) {
                    // Another member's of the group, whose passes see the same.
                }
            }
        }
        for (String name : wanted) {
            if (!since.containsKey(name)) {
                InheritedAccess.createDirectories(layout, layout.holdMarks());
                try {
                    Files.createFile(layout.holdMarks().resolve(name));
                } catch (FileAlreadyExistsException e) {
                    // Another pass was first.
                }
            }
        }
        for (Map.Entry<String, Instant> mark : since.entrySet()) {
            if (mark.getValue().plus(oldest).isBefore(now) && !wantedUsed.contains(mark.getKey())) {
                Files.deleteIfExists(layout.holdMarks().resolve(mark.getKey()));
            }
        }
    }

    private static String name(Digest image, long uid) {
        return image.hex() + "-" + uid;
    }
}
