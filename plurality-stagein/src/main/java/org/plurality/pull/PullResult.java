package org.plurality.pull;

import org.plurality.cache.Entry;
import org.plurality.reference.ImageReference;

/**
 * An image that is in the cache now.
 *
 * @param alreadyPresent whether it was before, or another process staged it in meanwhile
 */
public record PullResult(ImageReference reference, Entry entry, boolean alreadyPresent) {}
