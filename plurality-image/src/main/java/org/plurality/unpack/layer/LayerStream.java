// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.layer;

import com.github.luben.zstd.ZstdIOException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.security.MessageDigest;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.plurality.reference.Digest;

/**
 * A layer's uncompressed tar. A thread of its own reads the blob, decompresses and digests, at most {@value #CHUNKS} chunks of
 * {@value #CHUNK_BYTES} bytes ahead of the reader, so that both of a small node's cores are busy.
 *
 * <p>One reader at a time. After {@link #close} nobody reads the blob any more; closing the blob is the caller's.
 */
public final class LayerStream extends InputStream {
    private static final int CHUNKS = 16;
    private static final int CHUNK_BYTES = 128 << 10;
    private static final long RATIO_COUNTS_FROM = 64L << 20;

    private final UnpackLimits limits;
    private final AtomicLong budget;
    private final MessageDigest digest = Digest.Algorithm.SHA256.newMessageDigest();
    private final BlockingQueue<Chunk> filled = new ArrayBlockingQueue<>(CHUNKS + 1);
    private final BlockingQueue<Chunk> free = new ArrayBlockingQueue<>(CHUNKS);
    private final Thread producer;
    private Chunk current = new Chunk(new byte[0]);
    private int position;
    private boolean ended;

    private static final class Chunk {
        final byte[] bytes;
        int length;
        boolean last;

        @Nullable
        IOException failure;

        Chunk(byte[] bytes) {
            this.bytes = bytes;
        }
    }

    /**
     * @param mediaType as the manifest has it; may be empty
     * @param budget decompressed bytes that the image may still have; what this layer has is taken off
     */
    public LayerStream(InputStream blob, String mediaType, UnpackLimits limits, AtomicLong budget) {
        this.limits = limits;
        this.budget = budget;
        for (int i = 0; i < CHUNKS; i++) {
            free.add(new Chunk(new byte[CHUNK_BYTES]));
        }
        producer = Thread.ofPlatform().daemon().name("layer").start(() -> produce(blob, mediaType));
    }

    /** Reads what is left and returns the digest of all of it, padding included. */
    public Digest diffId() throws IOException {
        while (!ended) {
            advance();
        }
        return Digest.of(Digest.Algorithm.SHA256, digest.digest());
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (position == current.length) {
            if (ended) {
                return -1;
            }
            advance();
        }
        int part = Math.min(length, current.length - position);
        System.arraycopy(current.bytes, position, buffer, offset, part);
        position += part;
        return part;
    }

    @Override
    public void close() {
        ended = true;
        producer.interrupt();
        boolean interrupted = false;
        while (true) {
            try {
                producer.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void advance() throws IOException {
        try {
            if (current.bytes.length > 0) {
                free.put(current);
            }
            current = filled.take();
            position = 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException("interrupted");
        }
        ended = current.last;
        if (current.failure != null) {
            throw current.failure;
        }
    }

    private void produce(InputStream blob, String mediaType) {
        Chunk end = new Chunk(new byte[0]);
        end.last = true;
        try {
            decompress(blob, mediaType);
        } catch (ZstdIOException e) {
            end.failure = new LayerFormatException("its zstd data is damaged (" + e.getMessage() + ")");
        } catch (IOException e) {
            end.failure = e;
        } catch (InterruptedException e) {
            end.failure = new java.io.InterruptedIOException("interrupted");
        } catch (RuntimeException | Error e) {
            end.failure = new IOException("the decompressor failed: " + e, e);
        }
        filled.add(end);
    }

    private void decompress(InputStream blob, String mediaType) throws IOException, InterruptedException {
        BlobInput input = new BlobInput(blob);
        byte[] head = input.readNBytes(LayerCompression.MAGIC_BYTES);
        InputStream whole = new SequenceInputStream(new ByteArrayInputStream(head), input);
        try (InputStream tar = LayerCompression.detect(head, mediaType).open(whole)) {
            fill(tar, input);
        }
    }

    private void fill(InputStream tar, BlobInput input) throws IOException, InterruptedException {
        long total = 0;
        while (true) {
            Chunk chunk = free.take();
            chunk.length = tar.readNBytes(chunk.bytes, 0, CHUNK_BYTES);
            if (chunk.length == 0) {
                return;
            }
            total += chunk.length;
            if (budget.addAndGet(-chunk.length) < 0) {
                throw new LayerFormatException(
                        "the image has more than " + limits.maxBytes() + " bytes when decompressed",
                        "if you trust it, raise max_bytes in plurality.toml or PLURALITY_MAX_BYTES");
            }
            if (limits.maxRatio() > 0 && total > RATIO_COUNTS_FROM && total / limits.maxRatio() > input.count()) {
                throw new LayerFormatException("it decompresses to more than " + limits.maxRatio()
                        + " times its size, the bound on the compression ratio");
            }
            digest.update(chunk.bytes, 0, chunk.length);
            filled.put(chunk);
        }
    }
}
