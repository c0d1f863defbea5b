// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.inventory;

import java.util.List;
import org.plurality.cache.Cache;
import org.plurality.cache.Entry;
import org.plurality.cache.ReferenceDocument;

/**
 * A published image and the names that stand for it now.
 *
 * @param references empty once its tags moved on to another image, or when they were not asked for
 */
public record Image(Cache cache, Entry entry, List<ReferenceDocument> references) {
    public Image {
        references = List.copyOf(references);
    }
}
