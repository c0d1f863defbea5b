// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.inventory;

import java.util.List;
import org.plurality.cache.ReferenceDocument;
import org.plurality.reference.Digest;

/**
 * The result of a removal.
 *
 * @param digest of the image
 * @param remaining the tags that the image still has, so that only one name was removed; empty when the image was
 * @param isDeleted false if some of its files stay until programs on this host have closed them, or the image stays
 */
public record Removal(Digest digest, List<ReferenceDocument> remaining, boolean isDeleted) {
    public Removal {
        remaining = List.copyOf(remaining);
    }
}
