// SPDX-License-Identifier: Apache-2.0
/**
 * Layers as registries keep them, in the cache's {@code blobs/}: on their way, so that a pull that was killed is
 * taken up where it ended, and whole, so that images that share them fetch them once. {@link BlobStore} is its
 * entry. What lies there is never believed: whoever takes it up hashes it first. Knows neither registries nor
 * images.
 */
@NullMarked
package org.plurality.blobs;

import org.jspecify.annotations.NullMarked;
