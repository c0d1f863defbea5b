// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.leases;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How far an image's directory of leases is believed to say when it was used last. Where strangers may make files in it, each of them could
 * keep the image for ever by doing so.
 *
 * @param vouchedFor when somebody held it whom the scheduler or the cache's owner vouches for, as far as a pass saw; the epoch when none did
 * @param most for how long after the last use that is vouched for others count; null for without end
 */
record LastUseBound(Instant vouchedFor, @Nullable Duration most) {
    static final LastUseBound NONE = new LastUseBound(Instant.EPOCH, null);

    /**
     * @param changed when the directory changed last
     * @param vouched another use that is vouched for
     */
    Instant lastUse(Instant changed, Instant vouched) {
        if (most == null) {
            return changed;
        }
        Instant last = vouched.isAfter(vouchedFor) ? vouched : vouchedFor;
        // A file's time may be any: added to, it could be more than there is.
        return Duration.between(last, changed).compareTo(most) < 0 ? changed : last.plus(most);
    }
}
