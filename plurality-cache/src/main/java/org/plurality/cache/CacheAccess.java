// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/**
 * Checks whether a cache's own directories can be trusted: they must be real directories that only their owner, and
 * perhaps a group, may change. A user who can write to {@code images/}, or put a link in its place, could give other
 * users any image. Costs one stat for each directory.
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
     * Checks the directories that a reader goes through.
     *
     * @throws PluralityException (STORAGE) if a directory cannot be trusted; the hint tells how to fix it
     */
    static void checkForReading(CacheLayout layout) throws PluralityException {
        check(layout, layout.images(), layout.refs(), layout.leases());
    }

    /** Checks all directories, for processes that stage in, expire or remove images. */
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
     * Rejects root in another user's cache: the owner could neither remove nor extend what root creates there.
     *
     * @throws PluralityException (STORAGE) if this process runs as root and the cache is another user's
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
     * Checks that this user may remove images.
     *
     * @param action beginning with {@code cannot}
     * @throws PluralityException (STORAGE) if this user may remove nothing there
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

    /**
     * Tells whether any user may take a lease: {@code leases/} then has the sticky bit, and each image's directory in
     * it has mode 1777.
     */
    public static boolean anybodyMayLease(CacheLayout layout) throws IOException {
        return FileStat.of(layout.leases()).has(STICKY);
    }

    /** Returns the user id of the cache's owner. */
    public static long owner(CacheLayout layout) throws IOException {
        return FileStat.behind(layout.root()).uid();
    }

    /** Returns the user id of this process. */
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
