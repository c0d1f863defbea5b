// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.leases;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.plurality.cache.CacheAccess;
import org.plurality.cache.CacheLayout;
import org.plurality.cache.CachePermissions;
import org.plurality.cache.FileStat;
import org.plurality.reference.Digest;

/**
 * Since when users hold images in a cache that is not theirs, by their word alone: one empty file for each image and user, of the cache's
 * owner. It stays for twice {@code lease_max_age}, whether or not the lease does: in that time such leases count for the first half, so
 * that nobody keeps an image for ever by taking one anew.
 *
 * <p>And one for each image that somebody was seen to hold whom the scheduler or the owner vouches for: as old as that, but for a day.
 */
final class UnverifiedHoldLedger {
    private static final String USED = "-used";
    private static final int STICKY = 01000;
    private static final Duration OFTEN_ENOUGH = Duration.ofDays(1);

    private final CacheLayout layout;
    private final Map<String, Instant> since = new HashMap<>();
    private final Set<String> fixed = new HashSet<>();
    private final Set<String> wanted = new HashSet<>();
    private final Set<String> wantedUsed = new HashSet<>();

    private UnverifiedHoldLedger(CacheLayout layout) {
        this.layout = layout;
    }

    static UnverifiedHoldLedger read(CacheLayout layout) throws IOException {
        UnverifiedHoldLedger marks = new UnverifiedHoldLedger(layout);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(layout.holdMarks())) {
            boolean isWritable = Files.isWritable(layout.holdMarks());
            FileStat directory = FileStat.of(layout.holdMarks());
            long self = CacheAccess.self();
            boolean removesAll = self == 0 || directory.uid() == self || !directory.has(STICKY);
            for (Path file : files) {
                try {
                    FileStat mark = FileStat.of(file);
                    String name = String.valueOf(file.getFileName());
                    marks.since.put(name, mark.modified());
                    if (!isWritable || (!removesAll && mark.uid() != self)) {
                        marks.fixed.add(name);
                    }
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

    /** Now, where there is no mark, or one that ought to have gone and is not this user's to remove. */
    Instant since(Digest image, long uid, Instant now, Duration oldest) {
        String name = name(image, uid);
        Instant mark = since.getOrDefault(name, now);
        boolean isOutdated = fixed.contains(name) && mark.isBefore(now.minus(oldest));
        return isOutdated || mark.isAfter(now) ? now : mark;
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

    /**
     * Makes those that are wanted and lack, and removes those that are older than that. What cannot be made or removed stays as it is for
     * another pass: it may be another member's of the group, or root's, and a full filesystem is what a pass is there to mend.
     */
    void write(Instant now, Duration oldest) {
        for (String name : wantedUsed) {
            if (!since.getOrDefault(name, Instant.EPOCH).isAfter(now.minus(OFTEN_ENOUGH))) {
                // Rewritten, it has the server's time.
                change(name, file -> Files.write(file, new byte[] {'\n'}));
            }
        }
        for (String name : wanted) {
            if (!since.containsKey(name)) {
                change(name, Files::createFile);
            }
        }
        for (Map.Entry<String, Instant> mark : since.entrySet()) {
            if (mark.getValue().isBefore(now.minus(oldest)) && !wantedUsed.contains(mark.getKey())) {
                change(mark.getKey(), Files::deleteIfExists);
            }
        }
    }

    /** What is done to a mark. */
    @FunctionalInterface
    private interface Change {
        Object make(Path file) throws IOException;
    }

    private void change(String name, Change change) {
        try {
            CachePermissions.createDirectories(layout, layout.holdMarks());
            Object _ = change.make(layout.holdMarks().resolve(name));
        } catch (IOException e) {
            // Said above.
        }
    }

    private static String name(Digest image, long uid) {
        return image.hex() + "-" + uid;
    }
}
