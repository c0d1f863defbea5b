// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Arrays;

/**
 * Distinguishes a slow registry from one that only keeps the connection open: each {@link RetryPolicy#window} must
 * bring {@value #LEAST_BYTES} bytes. Serves one answer; not thread-safe.
 */
final class ThroughputGuard {
    static final int LEAST_BYTES = 64 << 10;

    private final long windowNanos;
    private long began = System.nanoTime();
    private long bytes;

    ThroughputGuard(RetryPolicy patience) {
        windowNanos = patience.window().toNanos();
    }

    /** Reads up to {@code most} bytes of a body. */
    byte[] readSome(InputStream body, int most) throws IOException {
        byte[] bytes = new byte[Math.min(most, 8 << 10)];
        int length = 0;
        while (length < most) {
            if (length == bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.min(most, 2 * length));
            }
            int read = body.read(bytes, length, bytes.length - length);
            if (read < 0) {
                break;
            }
            length += read;
            passed(read);
        }
        return Arrays.copyOf(bytes, length);
    }

    /**
     * Counts received bytes.
     *
     * @throws InterruptedIOException if the transfer is too slow
     */
    void passed(int count) throws InterruptedIOException {
        bytes += count;
        if (bytes >= LEAST_BYTES) {
            began = System.nanoTime();
            bytes = 0;
        } else if (System.nanoTime() - began > windowNanos) {
            throw new InterruptedIOException("fewer than " + LEAST_BYTES + " bytes in "
                    + Duration.ofNanos(windowNanos).toSeconds() + " s");
        }
    }
}
