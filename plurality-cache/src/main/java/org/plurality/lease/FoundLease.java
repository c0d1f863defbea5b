// SPDX-License-Identifier: Apache-2.0
package org.plurality.lease;

import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.plurality.reference.Digest;

/**
 * A file among the leases of an image, as it is. What it says of itself is its maker's word; whose it is and when it was changed is the
 * filesystem's.
 *
 * @param uid of the file's owner; {@link #NOBODY} where the file has several names, of which anybody may have made this one
 * @param modified by the filesystem server's clock, unless the owner has set it
 * @param lease null when the file cannot be understood
 * @param problem why not; empty when it can
 */
public record FoundLease(
        LeaseId id,
        Digest digest,
        Path file,
        long uid,
        Instant modified,
        @Nullable Lease lease,
        String problem) {

    /** No user's id: {@code (uid_t) -1}. */
    public static final long NOBODY = 0xFFFF_FFFFL;

    /** Who holds, by the lease's own word. */
    public String describe() {
        return lease == null
                ? "the unreadable lease " + id + ".json (" + problem + ")"
                : lease.holder().describe() + " of " + lease.user();
    }
}
