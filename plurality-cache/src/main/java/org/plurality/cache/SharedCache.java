// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.reference.Digest;

/**
 * Caches that several users use. The modes of the cache's directories say who may do what, and are given here whatever the umask; what is
 * made in them later takes after them ({@link CachePermissions}).
 */
public final class SharedCache {
    private static final int READ_BY_ALL = 0755;
    private static final int GROUP_STAGES_IN = 02775;
    private static final int GROUP_ALONE = 02770;
    private static final int STICKY = 01000;

    /** The levels of {@code images/sha256/4f}, without the images themselves. */
    private static final int SHARDS = 3;

    private SharedCache() {}

    /**
     * Makes a cache, or gives one that is there the modes that are asked for. Published images stay as they are.
     *
     * @param site everybody may read it and take leases
     * @param group whose members stage in, and without {@code site} are all who read it; null for the owner alone
     * @throws PluralityException (USAGE) when there is no such group
     */
    public static Cache make(Path root, boolean site, @Nullable String group) throws PluralityException {
        try {
            Path absolute = root.toAbsolutePath().normalize();
            if (site || group != null) {
                makeDirectories(absolute);
                share(absolute, group, group == null ? READ_BY_ALL : site ? GROUP_STAGES_IN : GROUP_ALONE);
            }
            Cache cache = Cache.openOrCreate(absolute);
            CacheLayout layout = cache.layout();
            if (group != null || site) {
                // One that was private until now has it for its owner alone.
                CachePermissions.shareFile(layout.marker());
                for (Path top : List.of(
                        layout.images(),
                        layout.refs(),
                        layout.leases(),
                        layout.pins(),
                        layout.blobs(),
                        layout.tmp(),
                        layout.trash(),
                        layout.locks(),
                        layout.log())) {
                    share(top, group);
                }
                shareLogs(layout.log());
                shareBelow(layout.images(), SHARDS, group);
                if (group != null) {
                    keepImages(layout, group);
                }
                shareBelow(layout.blobs(), SHARDS, group);
                if (Files.isDirectory(layout.shared(), LinkOption.NOFOLLOW_LINKS)) {
                    shareBelow(layout.shared(), SHARDS, group);
                }
                shareBelow(layout.refs(), Integer.MAX_VALUE, group);
            }
            if (site) {
                int mode = group == null ? READ_BY_ALL : GROUP_STAGES_IN;
                Files.setAttribute(layout.leases(), "unix:mode", mode | STICKY);
                openLeases(cache);
            }
            return cache;
        } catch (IOException e) {
            throw PluralityException.storage(
                    "cannot make a shared cache in " + root,
                    e,
                    "let root make the directory first, for the user who is to own the cache: install -d -o USER -g"
                            + " GROUP "
                            + root);
        }
    }

    /**
     * Does not try to make what is there: an NFS client that has not looked at a directory answers that this user may
     * not write to its parent, and not that it exists.
     */
    private static void makeDirectories(Path directory) throws IOException {
        if (!FreshLook.isDirectory(directory)) {
            Files.createDirectories(directory);
        }
    }

    /** Members add images; who owns the cache owns the directories that images lie in, so that nobody else renames one of another's. */
    private static void keepImages(CacheLayout layout, String group) throws IOException, PluralityException {
        Path images = layout.images().resolve(Digest.Algorithm.SHA256.label());
        for (int shard = 0; shard < 256; shard++) {
            Path directory = images.resolve(HexFormat.of().toHexDigits((byte) shard));
            makeDirectories(directory);
            share(directory, group);
            Files.setAttribute(directory, "unix:mode", GROUP_STAGES_IN | STICKY);
        }
        share(images, group);
        Files.setAttribute(images, "unix:mode", GROUP_STAGES_IN | STICKY);
        Files.setAttribute(layout.images(), "unix:mode", GROUP_STAGES_IN | STICKY);
    }

    private static void shareLogs(Path directory) throws IOException {
        try (DirectoryStream<Path> logs = Files.newDirectoryStream(directory)) {
            for (Path log : logs) {
                if (Files.isRegularFile(log, LinkOption.NOFOLLOW_LINKS)) {
                    CachePermissions.shareLog(log);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    /** Directories that have none yet get one; those that are the owner's own are opened to all. */
    private static void openLeases(Cache cache) throws IOException, PluralityException {
        for (Digest image : cache.digests()) {
            Path directory = cache.layout().leases(image);
            if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                Files.setAttribute(directory, "unix:mode", STICKY | 0777);
            } else {
                CachePermissions.createLeaseDirectory(cache.layout(), image);
            }
        }
    }

    private static void shareBelow(Path top, int depth, @Nullable String group) throws IOException {
        Files.walkFileTree(top, Set.of(), depth, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                try {
                    share(directory, group);
                } catch (PluralityException e) {
                    throw new IOException(e.getMessage(), e);
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static void share(Path directory, @Nullable String group) throws IOException, PluralityException {
        share(directory, group, group == null ? READ_BY_ALL : GROUP_STAGES_IN);
    }

    private static void share(Path directory, @Nullable String group, int mode) throws IOException, PluralityException {
        if (group != null) {
            try {
                GroupPrincipal principal = directory
                        .getFileSystem()
                        .getUserPrincipalLookupService()
                        .lookupPrincipalByGroupName(group);
                Files.getFileAttributeView(directory, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                        .setGroup(principal);
            } catch (UserPrincipalNotFoundException e) {
                throw new PluralityException(
                        FailureKind.USAGE,
                        "cannot share a cache with the group " + group + ": there is none of that name",
                        "'getent group' lists groups",
                        e);
            }
        }
        Files.setAttribute(directory, "unix:mode", mode);
    }
}
