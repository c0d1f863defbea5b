package org.plurality.registry;

import java.io.InterruptedIOException;
import java.time.Duration;

/**
 * Tells a slow registry from one that only keeps the connection open: each {@link Patience#window} has to bring {@value #LEAST_BYTES} bytes.
 * For one thread and one answer.
 */
final class Pace {
    static final int LEAST_BYTES = 64 << 10;

    private final long windowNanos;
    private long began = System.nanoTime();
    private long bytes;

    Pace(Patience patience) {
        windowNanos = patience.window().toNanos();
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
