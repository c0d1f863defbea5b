// SPDX-License-Identifier: Apache-2.0
package org.plurality.pull;

import java.util.List;
import org.plurality.cache.Entry;
import org.plurality.reference.ImageReference;

/**
 * An image that is in the cache now.
 *
 * @param names that stand for it since; none when neither source nor user named it, so that only its digest does
 * @param alreadyPresent whether it was before, or another process staged it in meanwhile
 */
public record PullResult(List<ImageReference> names, Entry entry, boolean alreadyPresent) {
    public PullResult {
        names = List.copyOf(names);
    }
}
