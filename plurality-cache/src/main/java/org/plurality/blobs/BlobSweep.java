// SPDX-License-Identifier: Apache-2.0
package org.plurality.blobs;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.plurality.cache.CacheLayout;
import org.plurality.cache.CachePermissions;
import org.plurality.cache.ServerClock;
import org.plurality.reference.Digest;

/**
 * Removes blobs that have not been used for long enough, by the server's clock. Several sweeps at once are harmless.
 * Failures are ignored, and a later sweep tries again. A sweep costs one directory read for each of at most 256
 * shards, and one stat for each blob.
 */
public final class BlobSweep {
    /** How long the partial blobs of a killed pull are kept for the next pull. */
    public static final Duration PARTIAL_AGE = Duration.ofDays(7);

    /** The shortest time between two sweeps by pulls. */
    private static final Duration EVERY = Duration.ofHours(1);

    /**
     * Minimum age of a blob that is removed. Even if blobs are not kept, a pull that has not published its image yet
     * may be using the blob.
     */
    private static final Duration LEAST_AGE = Duration.ofHours(1);

    private final CacheLayout layout;
    private final Duration keep;

    /** @param keep how long whole blobs are kept after their last use; zero if none are kept */
    public BlobSweep(CacheLayout layout, Duration keep) {
        this.layout = layout;
        this.keep = keep.compareTo(LEAST_AGE) < 0 ? LEAST_AGE : keep;
    }

    /** The number and size of the removed blobs. */
    public record Swept(int blobs, long bytes) {}

    /** Sweeps unless a process has swept within the last hour. */
    public void sweepNowAndThen() {
        Path stamp = layout.blobsSwept();
        try {
            Instant now = new ServerClock(layout.tmp()).now();
            try {
                Instant last = Files.getLastModifiedTime(stamp).toInstant();
                if (Duration.between(last, now).compareTo(EVERY) < 0) {
                    return;
                }
            } catch (NoSuchFileException e) {
                // This is the first sweep.
            }
            // The stamp is not overwritten, because it may be another user's.
            Files.deleteIfExists(stamp);
            Files.write(stamp, new byte[] {'\n'}, StandardOpenOption.CREATE_NEW);
            CachePermissions.shareFile(stamp);
        } catch (IOException e) {
            return;
        }
        sweep(false);
    }

    /**
     * @param dryRun only counts
     * @return what was removed, or would be
     */
    public Swept sweep(boolean dryRun) {
        int blobs = 0;
        long bytes = 0;
        try {
            Instant now = new ServerClock(layout.tmp()).now();
            for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
                for (Path shard : children(layout.blobs().resolve(algorithm.label()))) {
                    for (Path blob : children(shard)) {
                        long size = remove(blob, now, keep, dryRun);
                        blobs += size < 0 ? 0 : 1;
                        bytes += Math.max(0, size);
                    }
                }
            }
            for (Path partial : children(layout.partialBlobs())) {
                long size = partial.toString().endsWith(CacheLayout.OWNER_SUFFIX)
                        ? removeOwner(partial, now, dryRun)
                        : remove(partial, now, PARTIAL_AGE, dryRun);
                blobs += size < 0 ? 0 : 1;
                bytes += Math.max(0, size);
            }
        } catch (IOException e) {
            // The result covers the blobs up to this failure.
        }
        return new Swept(blobs, bytes);
    }

    /** Removes an owner's file that has no blob, once it is too old for its process to be still creating the two. */
    private long removeOwner(Path owner, Instant now, boolean dryRun) throws IOException {
        String text = owner.toString();
        Path blob = Path.of(text.substring(0, text.length() - CacheLayout.OWNER_SUFFIX.length()));
        if (!Files.exists(blob, LinkOption.NOFOLLOW_LINKS)) {
            long _ = remove(owner, now, PARTIAL_AGE, dryRun);
        }
        return -1;
    }

    /** Removes a file that is old enough. Returns its size, or -1 if it stays. */
    private static long remove(Path file, Instant now, Duration age, boolean dryRun) {
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            Duration actual = Duration.between(attributes.lastModifiedTime().toInstant(), now);
            if (attributes.isDirectory() || actual.compareTo(age) <= 0) {
                return -1;
            }
            if (!dryRun) {
                Files.delete(file);
            }
            return attributes.size();
        } catch (IOException e) {
            return -1;
        }
    }

    private static Iterable<Path> children(Path directory) throws IOException {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(children::add);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return children;
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return children;
    }
}
