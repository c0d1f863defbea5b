// SPDX-License-Identifier: Apache-2.0
/**
 * Removes images from a cache without harm to whoever uses them. {@link ExpiryPolicy} decides which images go, as a pure
 * function of their {@link ImageUsage}; {@link CacheSnapshot} gathers these. {@link Collector} removes the images, but
 * none that has a lease; {@link Sweep} removes files that no image needs. Knows no schedule.
 */
@NullMarked
package org.plurality.retention.expiry;

import org.jspecify.annotations.NullMarked;
