// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/** The attempts of one request so far. For one thread. */
final class Attempts {
    private final RetryPolicy patience;
    private int failed;
    private Duration paused = Duration.ZERO;

    Attempts(RetryPolicy patience) {
        this.patience = patience;
    }

    /** Something new arrived: the count begins anew. */
    void progressed() {
        failed = 0;
        paused = Duration.ZERO;
    }

    /** Whether a further failure ends the request. */
    boolean isLast() {
        return failed + 1 >= patience.attempts();
    }

    /**
     * Counts a failure and pauses before the next attempt.
     *
     * @param retryAfter what the registry asked for
     * @param last what to throw when there is no further attempt
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
