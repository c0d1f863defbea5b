// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import java.time.Duration;

/**
 * Limits how long a request waits for a registry.
 *
 * @param connect time to connect
 * @param stall time between two bytes
 * @param answer time until an answer begins, once the registry has the request: a proxy first fetches the whole blob
 *     from elsewhere
 * @param attempts number of attempts of a request that return nothing, or of a blob without a new byte
 * @param firstPause pause before the second attempt; doubled for each further attempt, less a random part of up to
 *     half
 * @param total sum of all pauses of a request; a longer {@code Retry-After} fails at once
 */
public record RetryPolicy(
        Duration connect, Duration stall, Duration answer, int attempts, Duration firstPause, Duration total) {
    public static final RetryPolicy DEFAULT = new RetryPolicy(
            Duration.ofSeconds(15),
            Duration.ofSeconds(30),
            Duration.ofMinutes(20),
            6,
            Duration.ofMillis(500),
            Duration.ofSeconds(120));

    /** Creates a policy that waits for an answer no longer than for a byte. */
    public RetryPolicy(Duration connect, Duration stall, int attempts, Duration firstPause, Duration total) {
        this(connect, stall, stall, attempts, firstPause, total);
    }

    /** Returns a copy with another time for answers. */
    public RetryPolicy withAnswer(Duration other) {
        return new RetryPolicy(connect, stall, other, attempts, firstPause, total);
    }

    /** Returns a copy for a registry that is followed by another one: at most two attempts. */
    RetryPolicy forMirrors() {
        return new RetryPolicy(connect, stall, answer, Math.min(attempts, 2), firstPause, total);
    }

    /** Returns the time in which a minimum of bytes, a whole document, or the head of an answer must arrive. */
    Duration window() {
        return stall.multipliedBy(2);
    }
}
