package org.plurality.rootfs;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.plurality.posix.ByteString;
import org.plurality.posix.Fcntl;
import org.plurality.posix.LinuxPosix;
import org.plurality.posix.Posix;

/**
 * Flushes the filesystem while more is unpacked: a kernel with much memory begins so late by itself that at the end nearly all is still to be
 * waited for. One flush at a time, in a thread of its own; what is unpacked meanwhile is for the next. A small image sees none.
 */
final class WriteBehind {
    private static final long STEP_BYTES = 64L << 20;

    private final Path directory;
    private @Nullable FutureTask<Void> flush;
    private long written;

    /** @param directory on the filesystem */
    WriteBehind(Path directory) {
        this.directory = directory;
    }

    /**
     * That many bytes more.
     *
     * @throws IOException when earlier ones could not be stored
     */
    void wrote(long bytes) throws IOException {
        written += bytes;
        if (written >= STEP_BYTES && (flush == null || flush.isDone())) {
            await();
            written = 0;
            flush = new FutureTask<>(() -> {
                syncFilesystem();
                return null;
            });
            Thread.ofPlatform().daemon().name("flush").start(flush);
        }
    }

    /**
     * Until no flush is under way.
     *
     * @throws IOException when something could not be stored: the kernel says so once, and a later flush may not
     */
    void await() throws IOException {
        if (flush == null) {
            return;
        }
        try {
            flush.get();
            flush = null;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private void syncFilesystem() throws IOException {
        // Each has memory for one call at a time.
        Posix posix = new LinuxPosix();
        int root = posix.openat(
                Fcntl.AT_FDCWD,
                ByteString.utf8(directory.toString()),
                Fcntl.O_RDONLY | Fcntl.O_DIRECTORY | Fcntl.O_NOFOLLOW | Fcntl.O_CLOEXEC,
                0);
        try {
            posix.syncfs(root);
        } finally {
            posix.close(root);
        }
    }
}
