// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.leases;

import org.plurality.lease.FoundLease;

/**
 * A lease and what became of it.
 *
 * @param holds whether its image is in use
 * @param why in words
 */
public record JudgedLease(FoundLease found, boolean holds, String why) {
    /** For lists: who holds. */
    public String describe() {
        return found.describe() + " (" + found.id() + ")";
    }
}
