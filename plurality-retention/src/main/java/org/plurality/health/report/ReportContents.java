// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.report;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.plurality.retention.expiry.Decision;
import org.plurality.retention.expiry.ExpiryPolicy;
import org.plurality.retention.expiry.SpaceUsage;
import org.plurality.retention.inventory.Usage;

/**
 * The contents of a page.
 *
 * @param cache path of the cache
 * @param decisions one decision for each image
 * @param usages space usage, by the criterion of the sum
 */
public record ReportContents(
        String cache,
        Instant now,
        List<Decision> decisions,
        SpaceUsage occupancy,
        ExpiryPolicy policy,
        Map<String, Usage> usages,
        History history) {
    public ReportContents {
        decisions = List.copyOf(decisions);
        usages = Map.copyOf(usages);
    }
}
