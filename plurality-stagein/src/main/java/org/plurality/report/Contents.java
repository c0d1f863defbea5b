// SPDX-License-Identifier: Apache-2.0
package org.plurality.report;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.plurality.expiry.Decision;
import org.plurality.expiry.ExpiryPolicy;
import org.plurality.expiry.Occupancy;
import org.plurality.inventory.Usage;

/**
 * The contents of a page.
 *
 * @param cache path of the cache
 * @param decisions one decision for each image
 * @param usages space usage, by the criterion of the sum
 */
public record Contents(
        String cache,
        Instant now,
        List<Decision> decisions,
        Occupancy occupancy,
        ExpiryPolicy policy,
        Map<String, Usage> usages,
        History history) {
    public Contents {
        decisions = List.copyOf(decisions);
        usages = Map.copyOf(usages);
    }
}
