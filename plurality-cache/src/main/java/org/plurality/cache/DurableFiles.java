// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Writes that survive a crash, made of what network filesystems keep their word on: exclusive create, fsync, and rename within one
 * parent. ENOSPC and EDQUOT may come as late as the fsync or the close, and are thrown from here.
 */
public final class DurableFiles {
    private static final Set<PosixFilePermission> OWNER =
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    private DurableFiles() {}

    /**
     * Creates a file that must not exist, with these bytes, on the disk when this returns. It can be read by those who can read its
     * directory, whatever the umask.
     */
    public static void writeNew(Path file, byte[] content) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            CachePermissions.shareFile(file);
            ByteBuffer buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
    }

    /**
     * Puts a file in place whole: readers see the old bytes or the new ones.
     *
     * @param scratch an absent name in a directory of the same filesystem
     */
    public static void replace(Path file, byte[] content, Path scratch) throws IOException {
        try {
            writeNew(scratch, content);
            rename(scratch, file);
        } catch (IOException e) {
            Files.deleteIfExists(scratch);
            throw e;
        }
        syncDirectory(directoryOf(file));
    }

    /**
     * One rename. Where only its reply was lost it has happened all the same, whatever error says so: NFS asks again, and then does not find
     * the old name. So it is told from a failure by what is there: the old name is gone, and the new one is not.
     *
     * @param from or {@code to}: one of them is a name that nobody else makes
     */
    public static void rename(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (Files.exists(from, LinkOption.NOFOLLOW_LINKS) || !Files.exists(to, LinkOption.NOFOLLOW_LINKS)) {
                throw e;
            }
        }
    }

    /** Gives a file that was renamed its name back, unless another has that by now: that one counts then. The file may keep both names. */
    public static void putBack(Path away, Path file) throws IOException {
        try {
            Files.createLink(file, away);
        } catch (FileAlreadyExistsException e) {
            // As said.
        } catch (IOException | UnsupportedOperationException e) {
            // Many kernels let nobody link a stranger's file, and some filesystems link none.
            if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                rename(away, file);
            }
        }
    }

    /** Makes a directory's names durable. */
    public static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /**
     * Deletes a tree without following links, by names in open directories: neither the length of a path nor somebody who swaps a
     * directory for a link meanwhile leads it astray. Directories that their owner may not write to are opened first. What somebody else
     * deletes at the same time does not matter.
     */
    public static void deleteTree(Path tree) throws IOException {
        if (!deleteTreeUnlessOpen(tree)) {
            throw new DirectoryNotEmptyException(tree.toString());
        }
    }

    /**
     * The same for a tree of which programs may have files open. An NFS client keeps such a file of its own host, as {@code
     * .nfs...}, until it is closed; its directories stay as long.
     *
     * @return false if files are left for this reason
     */
    public static boolean deleteTreeUnlessOpen(Path tree) throws IOException {
        try (DirectoryStream<Path> parent = Files.newDirectoryStream(directoryOf(tree))) {
            return delete(secure(parent), tree);
        } catch (NoSuchFileException e) {
            // Gone with its parent.
            return true;
        }
    }

    /** @param path of which the last name lies in the parent */
    private static boolean delete(SecureDirectoryStream<Path> parent, Path path) throws IOException {
        Path name = nameOf(path);
        try {
            Optional<PosixFileAttributes> attributes = deleteFile(parent, name);
            if (attributes.isEmpty()) {
                return true;
            }
            boolean isEmpty = true;
            try (SecureDirectoryStream<Path> directory =
                    open(parent, path, attributes.get().permissions())) {
                List<Path> children = new ArrayList<>();
                directory.forEach(children::add);
                for (Path child : children) {
                    isEmpty &= delete(directory, path.resolve(nameOf(child)));
                }
            }
            return isEmpty && deleteDirectory(parent, name);
        } catch (NoSuchFileException e) {
            // Somebody else deletes the same tree.
            return true;
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        } catch (FileSystemException e) {
            if (isKeptOpen(name)) {
                return false;
            }
            throw e;
        }
    }

    private static boolean deleteDirectory(SecureDirectoryStream<Path> parent, Path name) throws IOException {
        try {
            parent.deleteDirectory(name);
            return true;
        } catch (DirectoryNotEmptyException e) {
            try (SecureDirectoryStream<Path> directory = parent.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
                for (Path child : directory) {
                    if (!isKeptOpen(nameOf(child))) {
                        throw e;
                    }
                }
            }
            return false;
        }
    }

    private static boolean isKeptOpen(Path name) {
        return name.toString().startsWith(".nfs");
    }

    /** Most of a tree are files: to ask first would cost a network filesystem twice as much. @return those of a directory, which stays */
    private static Optional<PosixFileAttributes> deleteFile(SecureDirectoryStream<Path> parent, Path name)
            throws IOException {
        try {
            parent.deleteFile(name);
            return Optional.empty();
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            PosixFileAttributes attributes = parent.getFileAttributeView(
                            name, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .readAttributes();
            if (attributes.isDirectory()) {
                return Optional.of(attributes);
            }
            throw e;
        }
    }

    private static SecureDirectoryStream<Path> open(
            SecureDirectoryStream<Path> parent, Path path, Set<PosixFilePermission> permissions) throws IOException {
        if (!permissions.contains(PosixFilePermission.OWNER_READ)) {
            Files.setPosixFilePermissions(path, OWNER);
        }
        SecureDirectoryStream<Path> directory = parent.newDirectoryStream(nameOf(path), LinkOption.NOFOLLOW_LINKS);
        if (!permissions.containsAll(OWNER)) {
            directory.getFileAttributeView(PosixFileAttributeView.class).setPermissions(OWNER);
        }
        return directory;
    }

    private static SecureDirectoryStream<Path> secure(DirectoryStream<Path> stream) throws IOException {
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return secure;
        }
        throw new IOException("the JDK opens no directories by descriptor here");
    }

    private static Path nameOf(Path path) {
        Path name = path.getFileName();
        if (name == null) {
            throw new IllegalArgumentException("a name below a directory: " + path);
        }
        return name;
    }

    private static Path directoryOf(Path file) {
        Path parent = file.getParent();
        if (parent == null) {
            throw new IllegalArgumentException("a file below a directory: " + file);
        }
        return parent;
    }
}
