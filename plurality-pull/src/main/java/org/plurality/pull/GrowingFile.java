// SPDX-License-Identifier: Apache-2.0
package org.plurality.pull;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.PluralityException;

/**
 * A file that one thread writes and another reads at the same time.
 *
 * <p>The reader sees the bytes as they arrive, and reaches the end only once the writer called {@link #complete}, that is once the whole
 * is verified. While it is held back, because some of it may have to be thrown away, the reader sees nothing before that. When the writer
 * fails, so does the reader.
 */
final class GrowingFile implements AutoCloseable {
    private @Nullable FileChannel channel;
    private long length;
    private boolean held;
    private boolean complete;
    private boolean closed;
    private @Nullable PluralityException failure;

    /**
     * Says where the bytes are; they are closed with this.
     *
     * @param holdBack until complete
     */
    synchronized void attach(FileChannel bytes, boolean holdBack) {
        channel = bytes;
        held = holdBack;
        if (closed) {
            closeQuietly(bytes);
        }
    }

    /** From now on the reader sees the bytes as they arrive. */
    synchronized void streamAgain() {
        held = false;
    }

    /** So many bytes are there. */
    synchronized void grown(long bytes) {
        if (!held) {
            length = bytes;
            notifyAll();
        }
    }

    /** All are there and verified. */
    synchronized void complete(long bytes) {
        length = bytes;
        complete = true;
        notifyAll();
    }

    /** Nothing more will come; the first failure stays. */
    synchronized void fail(PluralityException reason) {
        if (failure == null) {
            failure = reason;
        }
        notifyAll();
    }

    /** From the first byte. One reader at a time. */
    InputStream open() {
        return new Reader();
    }

    /** Gives the space back, where the file has no name. */
    @Override
    public synchronized void close() {
        closed = true;
        if (channel != null) {
            closeQuietly(channel);
        }
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // What it has was verified, or is thrown away.
        }
    }

    /** Waits for bytes after the position. Returns the length, or -1 at the verified end. */
    private synchronized long await(long position) throws IOException {
        while (failure == null && !complete && length <= position) {
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted");
            }
        }
        if (failure != null) {
            throw new IOException(failure.getMessage(), failure);
        }
        return length <= position ? -1 : length;
    }

    private synchronized FileChannel attached() throws IOException {
        if (channel == null) {
            throw new IOException("the layer has no file");
        }
        return channel;
    }

    private final class Reader extends InputStream {
        private long position;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int count) throws IOException {
            if (count == 0) {
                return 0;
            }
            long end = await(position);
            if (end < 0) {
                return -1;
            }
            int wanted = (int) Math.min(count, end - position);
            int read = attached().read(ByteBuffer.wrap(buffer, offset, wanted), position);
            if (read <= 0) {
                throw new IOException("the layer's file ended too early");
            }
            position += read;
            return read;
        }
    }
}
