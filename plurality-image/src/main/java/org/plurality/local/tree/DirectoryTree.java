// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.tree;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.plurality.failure.PluralityException;
import org.plurality.posix.ByteString;
import org.plurality.posix.Errno;
import org.plurality.posix.Fcntl;
import org.plurality.posix.LinuxPosixReader;
import org.plurality.posix.PosixException;
import org.plurality.posix.PosixReader;
import org.plurality.unpack.layer.LayerFormatException;
import org.plurality.unpack.layer.Xattr;

/**
 * A directory's tree. Never leaves it: links are shown and not followed, also where somebody puts one in a directory's
 * place meanwhile. What is mounted below is part of it. One walk at a time.
 */
public final class DirectoryTree implements FileTree {
    private static final int S_IFMT = 0170000;
    private static final int S_IFREG = 0100000;
    private static final int PERMISSIONS = 07777;
    private static final ByteString EMPTY = ByteString.utf8("");
    private static final ByteString SLASH = ByteString.utf8("/");

    private final Path root;
    private final int maxDepth;
    private final boolean opensLate;
    private final PosixReader posix = new LinuxPosixReader();
    private final Map<Identity, ByteString> firsts = new HashMap<>();
    private volatile boolean cancelled;

    /** @param maxDepth of directories */
    public DirectoryTree(Path root, int maxDepth) {
        this(root, maxDepth, false);
    }

    private DirectoryTree(Path root, int maxDepth, boolean opensLate) {
        this.root = root;
        this.maxDepth = maxDepth;
        this.opensLate = opensLate;
    }

    /** One whose files are opened when they are read from: a file that cannot be read then ends no walk. */
    public static DirectoryTree openedLate(Path root, int maxDepth) {
        return new DirectoryTree(root, maxDepth, true);
    }

    private record Identity(long device, long inode) {}

    @Override
    public synchronized void walk(Visitor visitor) throws IOException, PluralityException {
        firsts.clear();
        int directory;
        try {
            // The root itself may be reached through links: the user named it.
            directory = posix.openat(
                    Fcntl.AT_FDCWD, ByteString.utf8(root.toRealPath().toString()), true);
        } catch (PosixException e) {
            throw new IOException(e.getMessage(), e);
        }
        walk(directory, EMPTY, 0, visitor);
    }

    @Override
    public synchronized Optional<byte[]> read(String path, int most) throws IOException {
        ByteString at = ByteString.utf8(root.toRealPath().toString());
        int directory = Fcntl.AT_FDCWD;
        List<String> names = List.of(path.split("/"));
        try {
            directory = posix.openat(directory, at, true);
            for (int i = 0; i < names.size(); i++) {
                int parent = directory;
                directory = Fcntl.AT_FDCWD;
                try {
                    directory = posix.openat(parent, ByteString.utf8(names.get(i)), i < names.size() - 1);
                } finally {
                    posix.close(parent);
                }
            }
            PosixReader.Status status = posix.statx(directory, EMPTY);
            boolean isSmall = (status.mode() & S_IFMT) == S_IFREG && status.size() <= most;
            return isSmall ? Optional.of(content(directory, most)) : Optional.empty();
        } catch (PosixException e) {
            return switch (e.errno()) {
                case ENOENT, ENOTDIR, ELOOP -> Optional.empty();
                default -> throw new IOException(path + ": " + e.getMessage(), e);
            };
        } finally {
            if (directory != Fcntl.AT_FDCWD) {
                posix.close(directory);
            }
        }
    }

    private byte[] content(int file, int most) throws PosixException {
        byte[] bytes = new byte[most];
        int length = 0;
        for (int read = 1; read > 0 && length < most; length += read) {
            read = posix.read(file, bytes, length, most - length);
        }
        return Arrays.copyOf(bytes, length);
    }

    @Override
    public void cancel() {
        cancelled = true;
    }

    @Override
    public void close() {}

    /** Closes the descriptor. */
    private void walk(int directory, ByteString path, int depth, Visitor visitor)
            throws IOException, PluralityException {
        try {
            PosixReader.Status status = at(path, () -> posix.statx(directory, EMPTY));
            visitor.directory(path, attributes(status, directory, path));
            if (depth > maxDepth) {
                throw new LayerFormatException("a directory is more than " + maxDepth + " deep: " + path);
            }
            List<ByteString> names = at(path, () -> posix.getdents64(directory));
            names.sort(null);
            for (ByteString name : names) {
                if (cancelled) {
                    throw new IOException("interrupted");
                }
                child(
                        directory,
                        name,
                        path.isEmpty() ? name : path.concat(SLASH).concat(name),
                        depth,
                        visitor);
            }
        } finally {
            posix.close(directory);
        }
    }

    private void child(int directory, ByteString name, ByteString path, int depth, Visitor visitor)
            throws IOException, PluralityException {
        PosixReader.Status status = at(path, () -> posix.statx(directory, name));
        switch (status.mode() & S_IFMT) {
            case 0040000 -> walk(at(path, () -> posix.openat(directory, name, true)), path, depth + 1, visitor);
            case 0100000 -> file(directory, name, path, status, visitor);
            case 0120000 ->
                visitor.symbolicLink(path, attributes(status), at(path, () -> posix.readlinkat(directory, name)));
            case 0010000, 0020000, 0060000 -> visitor.special(path, attributes(status));
            default -> {
                // A socket.
            }
        }
    }

    private void file(int directory, ByteString name, ByteString path, PosixReader.Status seen, Visitor visitor)
            throws IOException, PluralityException {
        if (seen.links() > 1) {
            ByteString first = firsts.putIfAbsent(new Identity(seen.device(), seen.inode()), path);
            if (first != null) {
                visitor.hardLink(path, attributes(seen), first);
                return;
            }
        }
        if (opensLate) {
            try (LateFile file = new LateFile(directory, name, path)) {
                visitor.file(path, attributes(seen), seen.size(), file);
            }
            return;
        }
        int file = at(path, () -> posix.openat(directory, name, false));
        try {
            PosixReader.Status status = at(path, () -> posix.statx(file, EMPTY));
            if ((status.mode() & S_IFMT) != 0100000) {
                throw new IOException(path + " changed while it was read");
            }
            visitor.file(path, attributes(status, file, path), status.size(), buffer -> {
                if (cancelled) {
                    throw new IOException("interrupted");
                }
                int read = at(path, () -> posix.read(file, buffer, 0, buffer.length));
                return read == 0 ? -1 : read;
            });
        } finally {
            posix.close(file);
        }
    }

    /** A file of the directory that is being walked. */
    private final class LateFile implements Content, AutoCloseable {
        private final int directory;
        private final ByteString name;
        private final ByteString path;
        private int file = -1;

        LateFile(int directory, ByteString name, ByteString path) {
            this.directory = directory;
            this.name = name;
            this.path = path;
        }

        @Override
        public int read(byte[] buffer) throws IOException {
            if (cancelled) {
                throw new IOException("interrupted");
            }
            if (file < 0) {
                file = at(path, () -> posix.openat(directory, name, false));
                if ((at(path, () -> posix.statx(file, EMPTY)).mode() & S_IFMT) != 0100000) {
                    throw new IOException(path + " changed while it was read");
                }
            }
            int read = at(path, () -> posix.read(file, buffer, 0, buffer.length));
            return read == 0 ? -1 : read;
        }

        @Override
        public void close() throws IOException {
            if (file >= 0) {
                posix.close(file);
            }
        }
    }

    private Attributes attributes(PosixReader.Status status, int file, ByteString path) throws IOException {
        if (opensLate) {
            return attributes(status);
        }
        List<Xattr> xattrs = new ArrayList<>();
        for (ByteString name : at(path, () -> posix.flistxattr(file))) {
            try {
                xattrs.add(new Xattr(name, posix.fgetxattr(file, name)));
            } catch (PosixException e) {
                // One that was removed after it was listed, or that only the system may read.
                if (new Xattr(name, EMPTY).isKept() && e.errno() != Errno.ENODATA) {
                    throw new IOException(path + ": " + e.getMessage(), e);
                }
            }
        }
        return new Attributes(status.mode() & PERMISSIONS, status.seconds(), xattrs);
    }

    private static Attributes attributes(PosixReader.Status status) {
        return new Attributes(status.mode() & PERMISSIONS, status.seconds());
    }

    @FunctionalInterface
    private interface Call<T> {
        T run() throws PosixException;
    }

    private static <T> T at(ByteString path, Call<T> call) throws IOException {
        try {
            return call.run();
        } catch (PosixException e) {
            throw new IOException((path.isEmpty() ? "" : path + ": ") + e.getMessage(), e);
        }
    }
}
