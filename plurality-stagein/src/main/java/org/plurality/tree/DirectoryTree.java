package org.plurality.tree;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.plurality.failure.PluralityException;
import org.plurality.layer.LayerFormatException;
import org.plurality.posix.ByteString;
import org.plurality.posix.Fcntl;
import org.plurality.posix.LinuxPosixReader;
import org.plurality.posix.PosixException;
import org.plurality.posix.PosixReader;

/**
 * A directory's tree. Never leaves it: links are shown and not followed, also where somebody puts one in a directory's place meanwhile.
 * What is mounted below is part of it. One walk at a time.
 */
public final class DirectoryTree implements FileTree {
    private static final int S_IFMT = 0170000;
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
            visitor.directory(path, attributes(status));
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
            visitor.file(path, attributes(status), status.size(), buffer -> {
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

    private static Attributes attributes(PosixReader.Status status) {
        return new Attributes(status.mode() & 07777, status.seconds());
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
