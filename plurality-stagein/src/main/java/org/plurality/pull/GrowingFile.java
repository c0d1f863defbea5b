package org.plurality.pull;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.PluralityException;
import org.plurality.image.BlobSink;

/**
 * A scratch file that one thread writes and another reads at the same time.
 *
 * <p>The reader sees the bytes as they arrive, and reaches the end only once the writer called {@link #complete}, that is once the whole
 * is verified. When the writer fails, so does the reader.
 */
final class GrowingFile implements BlobSink, AutoCloseable {
    private final Path path;
    private final FileChannel channel;
    private long length;
    private boolean complete;
    private @Nullable PluralityException failure;

    GrowingFile(Path path) throws PluralityException {
        this.path = path;
        try {
            this.channel = FileChannel.open(
                    path,
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.DELETE_ON_CLOSE);
        } catch (IOException e) {
            throw PluralityException.storage("cannot write " + path, e);
        }
    }

    @Override
    public void write(byte[] buffer, int count) throws PluralityException {
        ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, count);
        try {
            // Only this thread moves the length; the lock is for the reader to see it.
            long position = length();
            while (bytes.hasRemaining()) {
                position += channel.write(bytes, position);
            }
        } catch (IOException e) {
            throw PluralityException.storage("cannot write " + path, e);
        }
        synchronized (this) {
            length += count;
            notifyAll();
        }
    }

    /** All is there and verified. */
    synchronized void complete() {
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

    /** Gives the space back. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // It lies in a publication's scratch directory, which goes as a whole.
        }
    }

    private synchronized long length() {
        return length;
    }

    /** Waits for bytes after the position. Returns the length, or -1 at the verified end. */
    private synchronized long await(long position) throws IOException {
        while (failure == null && !complete && length == position) {
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
        return length == position ? -1 : length;
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
            int read = channel.read(ByteBuffer.wrap(buffer, offset, wanted), position);
            if (read <= 0) {
                throw new IOException(path + " ended too early");
            }
            position += read;
            return read;
        }
    }
}
