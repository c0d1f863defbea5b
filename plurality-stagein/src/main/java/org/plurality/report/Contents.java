package org.plurality.report;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.plurality.expiry.Decision;
import org.plurality.expiry.ExpiryPolicy;
import org.plurality.expiry.Occupancy;
import org.plurality.inventory.Usage;

/**
 * What a page is made of.
 *
 * @param cache its path
 * @param decisions one for each image
 * @param usages by what they are summed
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
