// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.plurality.reference.Digest;

/**
 * Who may use what is made in a cache: those who may use the directory that it is made in, whatever the umask of whoever makes it. A
 * site decides with the modes of the cache's own directories; a user with umask 077 then still stages in for everybody, and one with 000
 * lets nobody change an entry.
 */
public final class CachePermissions {
    private static final String MODE = "unix:mode";
    private static final int STICKY = 01000;

    private CachePermissions() {}

    /**
     * Makes a directory of a cache and those above it that lack. Each gets its parent's mode, sticky and setgid bits included. The cache's own
     * directory is never made: the one that it lies in is not the cache's, and may be everybody's.
     *
     * @throws NoSuchFileException when the cache is gone
     */
    public static void createDirectories(CacheLayout layout, Path directory) throws IOException {
        if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        FreshLook.at(parentOf(directory));
        if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (directory.equals(layout.root())) {
            if (Files.isDirectory(directory)) {
                // The user's link to where the cache lies.
                return;
            }
            throw new NoSuchFileException(directory.toString(), null, "the cache is gone");
        }
        Path parent = parentOf(directory);
        createDirectories(layout, parent);
        try {
            Files.createDirectory(directory);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileSystemException(directory.toString(), null, "it is no directory but a link or a file");
            }
            return;
        }
        setMode(directory, modeOf(parent.equals(layout.root()) ? parent.toRealPath() : parent));
    }

    /**
     * Makes the directory of an image's leases, like {@code leases/}; or, where that has the sticky bit, one in which anybody may make a
     * file and nobody but its owner may remove it.
     */
    public static void createLeaseDirectory(CacheLayout layout, Digest image) throws IOException {
        Path directory = layout.leases(image);
        if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        createDirectories(layout, layout.leases());
        FreshLook.at(layout.leases());
        if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            Files.createDirectory(directory);
        } catch (FileAlreadyExistsException e) {
            return;
        }
        int mode = modeOf(layout.leases());
        setMode(directory, (mode & STICKY) != 0 ? STICKY | 0777 : mode);
    }

    /** Gives a file its directory's readers and writers. */
    public static void shareLog(Path file) throws IOException {
        setFileMode(file, 0600 | (modeOf(parentOf(file)) & 0066));
    }

    /** Gives a file its directory's readers, and no writer but its owner. */
    public static void shareFile(Path file) throws IOException {
        setFileMode(file, 0600 | (modeOf(parentOf(file)) & 0044));
    }

    /** Gives a directory the readers of the one that it is in, and no writer but its owner: what others can see of it, whatever the umask, they can judge. */
    static void shareOwned(Path directory) throws IOException {
        setMode(directory, 0700 | (modeOf(parentOf(directory)) & 02055));
    }

    /** Gives a directory the readers of another, and no writer but its owner. */
    static void shareDirectory(Path directory, Path like) throws IOException {
        setMode(directory, 0700 | (modeOf(like) & 0055));
    }

    private static int modeOf(Path path) throws IOException {
        return (Integer) Files.getAttribute(path, MODE, LinkOption.NOFOLLOW_LINKS) & 07777;
    }

    /**
     * By a descriptor that was opened without following a link: where others may write the directory they may have put one in the file's
     * place. {@code Files.setAttribute} follows links whatever it is told (JDK 25).
     */
    private static void setFileMode(Path file, int mode) throws IOException {
        if (modeOf(file) == mode) {
            return;
        }
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        int bit = 0400;
        for (PosixFilePermission permission : PosixFilePermission.values()) {
            if ((mode & bit) != 0) {
                permissions.add(permission);
            }
            bit >>= 1;
        }
        try (DirectoryStream<Path> parent = Files.newDirectoryStream(parentOf(file))) {
            if (!(parent instanceof SecureDirectoryStream<Path> secure)) {
                throw new IOException("the JDK opens no directories by descriptor here");
            }
            secure.getFileAttributeView(
                            Objects.requireNonNull(file.getFileName()),
                            PosixFileAttributeView.class,
                            LinkOption.NOFOLLOW_LINKS)
                    .setPermissions(permissions);
        }
    }

    private static void setMode(Path path, int mode) throws IOException {
        if (modeOf(path) != mode) {
            if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileSystemException(path.toString(), null, "it is no directory but a link or a file");
            }
            Files.setAttribute(path, MODE, mode);
        }
    }

    private static Path parentOf(Path path) {
        Path parent = path.getParent();
        if (parent == null) {
            throw new IllegalArgumentException("a path below a directory: " + path);
        }
        return parent;
    }
}
