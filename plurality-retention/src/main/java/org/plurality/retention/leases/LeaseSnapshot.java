// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.leases;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.plurality.lease.Holder;
import org.plurality.reference.Digest;
import org.plurality.retention.scheduler.JobAnswer;

/**
 * The leases of some images at one time, judged.
 *
 * @param now by the filesystem server's clock, when they were
 * @param answers that the schedulers gave
 */
public record LeaseSnapshot(Instant now, Map<Digest, ImageLeases> images, Map<Holder, JobAnswer> answers) {

    /**
     * Of one image.
     *
     * @param lastChange when a lease came or went last, by the server's clock
     * @param problem why they could not be read; empty when they could
     * @param limit of what {@code lastChange} says of the last use
     * @param surplus users whose word does not count and who have more files than are read; the rest is to be removed
     */
    public record ImageLeases(
            List<JudgedLease> leases, Instant lastChange, String problem, LastUseBound limit, Set<Long> surplus) {
        public ImageLeases {
            leases = List.copyOf(leases);
            surplus = Set.copyOf(surplus);
        }

        /**
         * When the image was used last, as far as its leases say.
         *
         * @param vouched when it was published or resolved last
         */
        public Instant lastUse(Instant vouched) {
            return limit.lastUse(lastChange, vouched);
        }

        /** Who needs the image; not empty when that cannot be told. */
        public List<String> holders() {
            List<String> holders = new ArrayList<>();
            if (!problem.isEmpty()) {
                holders.add("somebody, perhaps: " + problem);
            }
            for (JudgedLease lease : leases) {
                if (lease.holds()) {
                    holders.add(lease.why() + " [" + lease.found().id() + "]");
                }
            }
            return holders;
        }
    }

    static final ImageLeases NONE = new ImageLeases(List.of(), Instant.EPOCH, "", LastUseBound.NONE, Set.of());

    public ImageLeases of(Digest digest) {
        return images.getOrDefault(digest, NONE);
    }
}
