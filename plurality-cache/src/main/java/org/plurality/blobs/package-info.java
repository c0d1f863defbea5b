// SPDX-License-Identifier: Apache-2.0
/**
 * Layers as registries store them, in the cache's {@code blobs/}. Partial blobs let a pull continue where a killed
 * pull ended. Whole blobs let images that share layers fetch them once. {@link BlobStore} is the entry point. Stored
 * bytes are never trusted: every reader hashes them first. This package knows neither registries nor images.
 */
@NullMarked
package org.plurality.blobs;

import org.jspecify.annotations.NullMarked;
