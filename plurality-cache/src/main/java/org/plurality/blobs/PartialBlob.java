// SPDX-License-Identifier: Apache-2.0
package org.plurality.blobs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.plurality.cache.CacheLayout;
import org.plurality.cache.CachePermissions;
import org.plurality.cache.DurableFiles;
import org.plurality.failure.PluralityException;

/**
 * A blob that this process writes. Other threads may read from its channel at the same time. Not safe for several
 * writers.
 *
 * <p>{@link #close} without {@link #finish} leaves it for another pull to continue. If this process was stopped for so
 * long that another process took over the partial blob, it notices this before it writes again.
 */
public final class PartialBlob implements AutoCloseable {
    private static final Duration SUSPICIOUS = Duration.ofMinutes(1);

    private final Path file;
    private final Path owner;
    private final FileChannel channel;
    private long length;
    private long wroteAtNanos = System.nanoTime();
    private boolean isTemporary;

    /** Whether the name no longer belongs to this process. */
    private boolean isGone;

    PartialBlob(Path file, Path owner, FileChannel channel) throws IOException {
        this.file = file;
        this.owner = owner;
        this.channel = channel;
        this.length = channel.size();
    }

    /**
     * Creates a blob that no other process can see.
     *
     * @param file a name that does not exist; it is removed when the channel is closed
     */
    public static PartialBlob temporary(Path file) throws PluralityException {
        try {
            FileChannel channel = FileChannel.open(
                    file,
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.DELETE_ON_CLOSE);
            PartialBlob blob = new PartialBlob(file, file, channel);
            blob.isTemporary = true;
            return blob;
        } catch (IOException e) {
            throw PluralityException.storage("cannot write " + file, e);
        }
    }

    /** Returns the number of bytes present. Bytes that another process left may be wrong. */
    public long length() {
        return length;
    }

    /** Returns the channel for reading. It stays open when this is closed: its reader closes it. */
    public FileChannel channel() {
        return channel;
    }

    /** Appends bytes. */
    public void write(byte[] buffer, int count) throws PluralityException {
        try {
            requireOwn();
            ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, count);
            long position = length;
            while (bytes.hasRemaining()) {
                position += channel.write(bytes, position);
            }
        } catch (IOException e) {
            throw PluralityException.storage("cannot write " + file, e);
        }
        length += count;
    }

    /** Discards all bytes, because they proved to be wrong. */
    public void restart() throws PluralityException {
        try {
            channel.truncate(0);
            length = 0;
        } catch (IOException e) {
            throw PluralityException.storage("cannot write " + file, e);
        }
    }

    /**
     * Gives the whole, verified blob its final name. This replaces an existing blob of that name, which has the same
     * bytes.
     */
    void finish(CacheLayout layout, Path target) {
        try {
            CachePermissions.createDirectories(
                    layout, target.resolveSibling(".").normalize());
            DurableFiles.rename(file, target);
            isGone = true;
            BlobStore.removeQuietly(owner);
        } catch (IOException e) {
            // This pull can use the blob without a name, too.
            discard();
        }
    }

    /** Removes the blob. Its bytes can be read until the channel is closed. */
    public void discard() {
        isGone = true;
        BlobStore.removeQuietly(file);
        BlobStore.removeQuietly(owner);
    }

    /** Leaves the blob to other pulls, unless it was finished or discarded. */
    @Override
    public void close() {
        if (!isGone && !isTemporary) {
            isGone = true;
            if (length == 0) {
                BlobStore.removeQuietly(file);
            }
            BlobStore.removeQuietly(owner);
        }
    }

    private void requireOwn() throws IOException {
        long now = System.nanoTime();
        if (!isTemporary
                && now - wroteAtNanos > SUSPICIOUS.toNanos()
                && !Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("this process stood still, and another took it over");
        }
        wroteAtNanos = now;
    }
}
