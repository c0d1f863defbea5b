// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

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
 * waited for. One flush at a time, in a thread of its own; what is unpacked meanwhile is for the next, up to a bound: nothing ends a flush
 * early, and the process cannot end before it. A small image sees none.
 *
 * <p>One thread at a time.
 */
final class WriteBehind {
    static final long STEP_BYTES = 16L << 20;
    static final long MOST_BYTES = 64L << 20;

    private final Flush how;
    private @Nullable FutureTask<Void> flush;
    private long waiting;

    /** @param directory on the filesystem */
    WriteBehind(Path directory) {
        this(() -> flushFilesystemOf(directory));
    }

    WriteBehind(Flush how) {
        this.how = how;
    }

    /** Until what was written before it is stored. */
    @FunctionalInterface
    interface Flush {
        void run() throws IOException;
    }

    /**
     * That many bytes more.
     *
     * @throws IOException when earlier ones could not be stored
     */
    void wrote(long bytes) throws IOException {
        waiting += bytes;
        if (waiting >= MOST_BYTES || (waiting >= STEP_BYTES && (flush == null || flush.isDone()))) {
            await();
            waiting = 0;
            flush = new FutureTask<>(() -> {
                how.run();
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

    private static void flushFilesystemOf(Path directory) throws IOException {
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
