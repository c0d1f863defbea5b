// SPDX-License-Identifier: Apache-2.0
package org.plurality.lease;

import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.plurality.reference.Digest;

/**
 * A file among the leases of an image, as it was found. Its content is its maker's claim; its owner and time of
 * modification come from the filesystem.
 *
 * @param uid of the file's owner; {@link #NOBODY} if the file has several names, because any user may have made this
 *     name
 * @param modified by the filesystem server's clock, unless the owner has set it
 * @param lease null if the file cannot be parsed
 * @param problem why it cannot be parsed; empty if it can
 */
public record FoundLease(
        LeaseId id,
        Digest digest,
        Path file,
        long uid,
        Instant modified,
        @Nullable Lease lease,
        String problem) {

    /** A number that is no user's id: {@code (uid_t) -1}. */
    public static final long NOBODY = 0xFFFF_FFFFL;

    /** Describes the holder, as the lease names it. */
    public String describe() {
        return lease == null
                ? "the unreadable lease " + id + ".json (" + problem + ")"
                : lease.holder().describe() + " of " + lease.user();
    }
}
