// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.leases;

import java.time.Duration;

/**
 * How long a lease counts that nobody vouches for.
 *
 * @param maxAge of a lease of a process on another host, of an unreadable one, and of all that a user holds of an image in a cache that is
 *     not theirs without a job which the scheduler confirms
 * @param mostPerUser such leases of one user and image; the newest count
 * @param grace for a job that the scheduler does not know: how old its lease is before that is believed
 */
public record LeaseLimits(Duration maxAge, int mostPerUser, Duration grace) {
    public static final LeaseLimits DEFAULT = new LeaseLimits(Duration.ofDays(30), 1000, Duration.ofMinutes(2));

    /** So many files of one user and image are read at all. */
    int mostRead() {
        return Math.max(20_000, 2 * mostPerUser);
    }
}
