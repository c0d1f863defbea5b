// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * The names below {@code shared/} of files that images have in common, or may have one day. A name keeps a file's room when the last
 * image that had it is gone, until it is swept. Whoever links to a file at the moment in which its name goes has it all the same. Costs a stat for each name.
 */
public final class DedupeStore {
    private static final Duration EVERY = Duration.ofDays(1);

    private final CacheLayout layout;

    public DedupeStore(CacheLayout layout) {
        this.layout = layout;
    }

    /**
     * What images would take besides, had each its own files.
     *
     * @param names below {@code shared/}
     */
    public record Saved(long names, long bytes, long inodes) {
        private static final Saved NOTHING = new Saved(0, 0, 0);

        private Saved with(long links, long size) {
            // One name is ours, another the first image's.
            long more = Math.max(0, links - 2);
            return new Saved(names + 1, bytes + more * size, inodes + more);
        }
    }

    /** Images on their way in and out count as images. */
    public Saved saved() throws IOException {
        Saved[] saved = {Saved.NOTHING};
        visit((_, links, size) -> saved[0] = saved[0].with(links, size));
        return saved[0];
    }

    /**
     * Takes the names away that are the last ones of their files. What cannot be removed stays for another sweep.
     *
     * @return how many
     */
    public long sweep() throws IOException {
        long[] removed = new long[1];
        visit((file, links, _) -> {
            if (links == 1 && !file.equals(layout.sharedSwept())) {
                try {
                    Files.delete(file);
                    removed[0]++;
                } catch (IOException e) {
                    // Somebody else's, or gone.
                }
            }
        });
        return removed[0];
    }

    /**
     * Sweeps when images went, else at most once a day.
     *
     * @param now by the filesystem server's clock
     */
    public long sweepNowAndThen(Instant now, boolean wentImages) throws IOException {
        if (!Files.isDirectory(layout.shared(), LinkOption.NOFOLLOW_LINKS)) {
            return 0;
        }
        Path stamp = layout.sharedSwept();
        try {
            Instant last =
                    Files.getLastModifiedTime(stamp, LinkOption.NOFOLLOW_LINKS).toInstant();
            if (!wentImages && Duration.between(last, now).compareTo(EVERY) < 0) {
                return 0;
            }
        } catch (NoSuchFileException e) {
            // The first.
        }
        long removed = sweep();
        // Not written over: it may be another user's.
        Files.deleteIfExists(stamp);
        Files.write(stamp, new byte[] {'\n'}, StandardOpenOption.CREATE_NEW);
        CachePermissions.shareFile(stamp);
        return removed;
    }

    @FunctionalInterface
    private interface Visitor {
        void visit(Path file, long links, long size);
    }

    private void visit(Visitor visitor) throws IOException {
        try {
            Files.walkFileTree(layout.shared(), new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    try {
                        Map<String, Object> unix = Files.readAttributes(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS);
                        if (unix.get("nlink") instanceof Integer links) {
                            visitor.visit(file, links, attributes.size());
                        }
                    } catch (IOException e) {
                        // It went meanwhile.
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException failure) {
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (NoSuchFileException e) {
            // Nothing is shared here.
        }
    }
}
