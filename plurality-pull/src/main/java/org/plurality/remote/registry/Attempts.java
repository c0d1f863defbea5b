// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/** Counts the attempts of one request. Not thread-safe. */
final class Attempts {
    private final RetryPolicy patience;
    private int failed;
    private Duration paused = Duration.ZERO;

    Attempts(RetryPolicy patience) {
        this.patience = patience;
    }

    /** Starts the count again because new bytes have arrived. */
    void progressed() {
        failed = 0;
        paused = Duration.ZERO;
    }

    /** Tells whether one more failure ends the request. */
    boolean isLast() {
        return failed + 1 >= patience.attempts();
    }

    /**
     * Counts a failure and pauses before the next attempt.
     *
     * @param retryAfter the pause that the registry asked for
     * @param last the exception to throw when no attempt is left
     */
    void pauseOrThrow(Optional<Duration> retryAfter, PluralityException last) throws PluralityException {
        failed++;
        Duration pause = retryAfter.orElseGet(this::backoff);
        if (failed >= patience.attempts() || paused.plus(pause).compareTo(patience.total()) > 0) {
            throw last;
        }
        paused = paused.plus(pause);
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PluralityException(FailureKind.INTERRUPTED, last.getMessage(), "run it again", e);
        }
    }

    private Duration backoff() {
        long most = patience.firstPause().toMillis() << Math.min(failed - 1, 10);
        return Duration.ofMillis(most - ThreadLocalRandom.current().nextLong(most / 2 + 1));
    }
}
