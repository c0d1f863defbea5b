// SPDX-License-Identifier: Apache-2.0
package org.plurality.lease;

import java.util.List;
import java.util.Map;

/**
 * The files among the leases of an image.
 *
 * @param leases by id, at most so many of one user as were asked for
 * @param surplus how many files there are beyond that, for the users who have more
 */
public record FoundLeases(List<FoundLease> leases, Map<Long, Long> surplus) {
    public FoundLeases {
        leases = List.copyOf(leases);
        surplus = Map.copyOf(surplus);
    }
}
