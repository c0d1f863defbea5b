// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.expiry;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.plurality.cache.CacheLayout;
import org.plurality.cache.SupersededEntry;
import org.plurality.failure.PluralityException;
import org.plurality.retention.leases.JudgedLease;
import org.plurality.retention.leases.LeaseKeeper;
import org.plurality.retention.leases.LeaseSnapshot;

/**
 * Deletes images that others took the place of, once nobody runs from them: the leases that there were when they were set aside are over, and
 * so are those that were taken before every host knew of the new one. One of which nothing took the place gets its name back, once who set it
 * aside is known or taken to have ended.
 */
final class ReplacedSweep {
    private final CacheLayout layout;
    private final LeaseKeeper keeper;
    private final Duration wait;

    /** @param wait longer than any host's attribute cache keeps */
    ReplacedSweep(CacheLayout layout, LeaseKeeper keeper, Duration wait) {
        this.layout = layout;
        this.keeper = keeper;
        this.wait = wait;
    }

    /** @return how many were deleted */
    int run(Instant now, List<PluralityException> problems) {
        int deleted = 0;
        try {
            List<SupersededEntry> old = new ArrayList<>();
            for (SupersededEntry replaced : SupersededEntry.all(layout)) {
                if (replaced.isOrphaned()) {
                    replaced.restore();
                } else {
                    old.add(replaced);
                }
            }
            if (old.isEmpty()) {
                return 0;
            }
            LeaseSnapshot census = keeper.census(
                    old.stream().map(SupersededEntry::digest).distinct().toList(), now);
            for (SupersededEntry replaced : old) {
                if (!isNeeded(replaced, census, now)) {
                    replaced.delete();
                    deleted++;
                }
            }
        } catch (IOException e) {
            problems.add(PluralityException.storage("cannot read " + layout.trash(), e));
        } catch (PluralityException e) {
            problems.add(e);
        }
        return deleted;
    }

    private boolean isNeeded(SupersededEntry replaced, LeaseSnapshot census, Instant now) throws IOException {
        if (replaced.isOnlyCopy() || replaced.since().isAfter(now.minus(wait))) {
            return true;
        }
        Instant known = replaced.since().plus(wait);
        LeaseSnapshot.ImageLeases leases = census.of(replaced.digest());
        if (!leases.problem().isEmpty()) {
            return true;
        }
        for (JudgedLease lease : leases.leases()) {
            boolean isOfOld = replaced.leases().contains(lease.found().id().value())
                    || !lease.found().modified().isAfter(known);
            if (lease.holds() && isOfOld) {
                return true;
            }
        }
        return false;
    }
}
