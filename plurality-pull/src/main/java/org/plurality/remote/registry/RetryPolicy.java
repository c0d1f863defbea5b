// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import java.time.Duration;

/**
 * How long a registry may let one wait.
 *
 * @param connect to reach it
 * @param stall between two bytes
 * @param answer to begin an answer, once it has the request: proxies fetch the whole blob from elsewhere first
 * @param attempts of one request that bring nothing, or of one blob without a new byte
 * @param firstPause before the second attempt; doubled for each further one, less up to half of it at random
 * @param total of all pauses of one request; a longer {@code Retry-After} fails at once
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

    /** One that waits for an answer no longer than for a byte. */
    public RetryPolicy(Duration connect, Duration stall, int attempts, Duration firstPause, Duration total) {
        this(connect, stall, stall, attempts, firstPause, total);
    }

    /** The same with another wait for answers. */
    public RetryPolicy withAnswer(Duration other) {
        return new RetryPolicy(connect, stall, other, attempts, firstPause, total);
    }

    /** The same for a place that another place follows. */
    RetryPolicy forMirrors() {
        return new RetryPolicy(connect, stall, answer, Math.min(attempts, 2), firstPause, total);
    }

    /** In which some bytes have to come, and a document, or an answer's head, the whole of it. */
    Duration window() {
        return stall.multipliedBy(2);
    }
}
