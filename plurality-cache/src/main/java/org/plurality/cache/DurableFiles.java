package org.plurality.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;

/**
 * Writes that survive a crash, made of what network filesystems keep their word on: exclusive create, fsync, and rename within one
 * parent. ENOSPC and EDQUOT may come as late as the fsync or the close, and are thrown from here.
 */
public final class DurableFiles {
    private DurableFiles() {}

    /** Creates a file that must not exist, with these bytes, on the disk when this returns. */
    public static void writeNew(Path file, byte[] content) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
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
            Files.move(scratch, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            Files.deleteIfExists(scratch);
            throw e;
        }
        syncDirectory(directoryOf(file));
    }

    /** Makes a directory's names durable. */
    public static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /**
     * Deletes a tree without following links. Directories of mode 000, as images have them, are opened first. What somebody else deletes
     * at the same time does not matter.
     */
    public static void deleteTree(Path tree) throws IOException {
        if (!Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                makeAccessible(directory);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                if (!Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                    throw failure;
                }
                // A directory that could not be opened: make it accessible and take it from there.
                makeAccessible(file);
                try (DirectoryStream<Path> children = Files.newDirectoryStream(file)) {
                    for (Path child : children) {
                        deleteTree(child);
                    }
                }
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                if (failure != null && !(failure instanceof NoSuchFileException)) {
                    throw failure;
                }
                Files.deleteIfExists(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static void makeAccessible(Path directory) throws IOException {
        PosixFileAttributeView view =
                Files.getFileAttributeView(directory, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        EnumSet<PosixFilePermission> owner = EnumSet.of(
                PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);
        try {
            if (!view.readAttributes().permissions().containsAll(owner)) {
                view.setPermissions(owner);
            }
        } catch (NoSuchFileException e) {
            // Somebody else deletes the same tree.
        }
    }

    private static Path directoryOf(Path file) {
        Path parent = file.getParent();
        if (parent == null) {
            throw new IllegalArgumentException("a file below a directory: " + file);
        }
        return parent;
    }
}
