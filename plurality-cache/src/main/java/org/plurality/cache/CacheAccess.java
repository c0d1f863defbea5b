// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/**
 * Whether a cache's own directories can be trusted: real directories, which only their owner and perhaps a group may change. Whoever
 * could write to {@code images/} or put a link in its place could give others any image. Costs one stat for each directory.
 *
 * <p>A cache whose group may write to it trusts that group's members as it does its owner.
 */
public final class CacheAccess {
    private static final int OTHERS_WRITE = 0002;
    private static final int GROUP_WRITES = 0020;
    private static final int STICKY = 01000;
    private static final Path SELF = Path.of("/proc/self");

    private CacheAccess() {}

    /**
     * The directories that a reader goes through.
     *
     * @throws PluralityException (STORAGE) when one is not to be trusted; the hint says what mends it
     */
    static void checkForReading(CacheLayout layout) throws PluralityException {
        check(layout, layout.images(), layout.refs(), layout.leases());
    }

    /** All of them: for who stages in, expires or removes. */
    public static void checkForWriting(CacheLayout layout) throws PluralityException {
        check(
                layout,
                layout.images(),
                layout.refs(),
                layout.leases(),
                layout.pins(),
                layout.blobs(),
                layout.shared(),
                layout.tmp(),
                layout.trash(),
                layout.locks(),
                layout.log());
    }

    /**
     * What root makes in somebody else's cache its owner could neither remove nor add to.
     *
     * @throws PluralityException (STORAGE) when this is root, and the cache another user's
     */
    public static void checkWhoStagesIn(CacheLayout layout) throws PluralityException {
        try {
            if (self() == 0 && owner(layout) != 0) {
                String owner = ownerName(layout);
                throw new PluralityException(
                        FailureKind.STORAGE,
                        "cannot stage in to " + layout.root() + " as root: the cache is " + owner
                                + "'s, who could not remove what root makes in it",
                        "do it as that user: runuser -u " + owner + " -- plurality-stagein ...");
            }
        } catch (IOException e) {
            throw PluralityException.storage("cannot use the cache " + layout.root(), e);
        }
    }

    /**
     * @param action beginning with {@code cannot}
     * @throws PluralityException (STORAGE) when this user may remove nothing there
     */
    public static void checkWhoRemoves(CacheLayout layout, String action) throws PluralityException {
        if (Files.isDirectory(layout.trash()) && !Files.isWritable(layout.trash())) {
            throw new PluralityException(
                    FailureKind.STORAGE,
                    action + " " + layout.root() + ": it is not this user's, and may not be changed",
                    "ask its owner, " + ownerName(layout) + ", or name another with --cache or PLURALITY_CACHE");
        }
    }

    private static String ownerName(CacheLayout layout) {
        try {
            return Files.getOwner(layout.root()).getName();
        } catch (IOException e) {
            return "?";
        }
    }

    /** Whether anybody may take a lease: {@code leases/} then has the sticky bit, and each image's directory in it is 1777. */
    public static boolean anybodyMayLease(CacheLayout layout) throws IOException {
        return FileStat.of(layout.leases()).has(STICKY);
    }

    /** The user id of who owns the cache. */
    public static long owner(CacheLayout layout) throws IOException {
        return FileStat.behind(layout.root()).uid();
    }

    /** The user id of this process. */
    public static long self() throws IOException {
        return FileStat.behind(SELF).uid();
    }

    private static void check(CacheLayout layout, Path... directories) throws PluralityException {
        try {
            FileStat root = FileStat.behind(layout.root());
            if (root.has(OTHERS_WRITE)) {
                throw refusal(layout.root(), "everybody may write to it", "take that away: chmod o-w " + layout.root());
            }
            for (Path directory : directories) {
                check(directory, root.uid(), root.has(GROUP_WRITES));
            }
        } catch (IOException e) {
            throw PluralityException.storage("cannot use the cache " + layout.root(), e);
        }
    }

    private static void check(Path directory, long owner, boolean ofGroup) throws IOException, PluralityException {
        FileStat found;
        try {
            found = FileStat.of(directory);
        } catch (NoSuchFileException e) {
            return;
        }
        if (!found.isDirectory()) {
            throw refusal(directory, "it is no directory but a link or a file", "see who put it there, and remove it");
        }
        if (found.has(OTHERS_WRITE)) {
            throw refusal(directory, "everybody may write to it", "take that away: chmod o-w " + directory);
        }
        if (!ofGroup && found.uid() != owner && found.uid() != 0 && found.uid() != self()) {
            throw refusal(
                    directory,
                    "it belongs to user " + found.uid() + ", the cache to user " + owner,
                    "see who put it there; chown gives it to the cache's owner");
        }
    }

    private static PluralityException refusal(Path directory, String why, String hint) {
        return new PluralityException(
                FailureKind.STORAGE, "cannot trust the cache's directory " + directory + ": " + why, hint);
    }
}
