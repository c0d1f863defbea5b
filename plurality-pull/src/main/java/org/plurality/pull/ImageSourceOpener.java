// SPDX-License-Identifier: Apache-2.0
package org.plurality.pull;

import org.plurality.cache.Scratch;
import org.plurality.display.Progress;
import org.plurality.failure.PluralityException;
import org.plurality.image.ImageReader;

/** Opens the place where an image lies. */
@FunctionalInterface
public interface ImageSourceOpener {
    /**
     * @param scratch for what cannot be read twice where it lies; outlives the reader
     * @return for the caller to close
     */
    ImageReader open(PullRequest request, Scratch scratch, Progress progress) throws PluralityException;
}
