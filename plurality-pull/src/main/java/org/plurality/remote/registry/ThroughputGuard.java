// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Arrays;

/**
 * Tells a slow registry from one that only keeps the connection open: each {@link RetryPolicy#window} has to bring {@value #LEAST_BYTES} bytes.
 * For one thread and one answer.
 */
final class ThroughputGuard {
    static final int LEAST_BYTES = 64 << 10;

    private final long windowNanos;
    private long began = System.nanoTime();
    private long bytes;

    ThroughputGuard(RetryPolicy patience) {
        windowNanos = patience.window().toNanos();
    }

    /** The first bytes of a body: all, when it has no more than that. */
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

    /** @throws InterruptedIOException when it is too slow */
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
