// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.inventory;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How much of a cache belongs to whom. */
public final class Usage {
    private final Map<String, Share> shares = new HashMap<>();

    /**
     * What one name has.
     *
     * @param held images of these that are leased or pinned
     */
    public record Share(String name, long images, long bytes, long inodes, long held) {}

    public void add(String name, long bytes, long inodes, boolean isHeld) {
        Share before = shares.getOrDefault(name, new Share(name, 0, 0, 0, 0));
        shares.put(
                name,
                new Share(
                        name,
                        before.images() + 1,
                        before.bytes() + bytes,
                        before.inodes() + inodes,
                        before.held() + (isHeld ? 1 : 0)));
    }

    /** The largest first. */
    public List<Share> shares() {
        List<Share> sorted = new ArrayList<>(shares.values());
        sorted.sort(Comparator.comparingLong(Share::bytes).reversed().thenComparing(Share::name));
        return sorted;
    }
}
