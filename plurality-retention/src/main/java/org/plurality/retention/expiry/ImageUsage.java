// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.expiry;

import java.time.Instant;
import java.util.List;
import org.plurality.reference.Digest;

/**
 * An image as far as its expiry goes. Times are the filesystem server's.
 *
 * @param names complete references that stand for it now, or did when it was published
 * @param repositories of these names, with their registries
 * @param published when
 * @param lastUse when it was published, resolved by a pull, leased or released last, whichever was last
 * @param isPinned whether somebody pinned it
 * @param holders who holds leases, in words; also "perhaps"
 * @param problem why it cannot be read; empty when it can. Its size is 0 then
 */
public record ImageUsage(
        Digest digest,
        List<String> names,
        List<String> repositories,
        long bytes,
        long inodes,
        Instant published,
        Instant lastUse,
        boolean isPinned,
        List<String> holders,
        String problem) {
    public ImageUsage {
        names = List.copyOf(names);
        repositories = List.copyOf(repositories);
        holders = List.copyOf(holders);
    }

    /** What people know it by. */
    public String title() {
        return names.isEmpty() ? digest.toString() : names.get(0);
    }
}
