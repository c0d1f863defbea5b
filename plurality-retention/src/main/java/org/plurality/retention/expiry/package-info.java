// SPDX-License-Identifier: Apache-2.0
/**
 * What leaves a cache, and how. {@link ExpiryPolicy} decides, a pure function of
 * {@link org.plurality.retention.expiry.ImageUsage candidates}; {@link CacheSnapshot} gathers those;
 * {@link Collector} does it so that nobody who holds a lease loses an image; {@link Sweep} clears away what no
 * image needs. Knows no schedule.
 */
@NullMarked
package org.plurality.retention.expiry;

import org.jspecify.annotations.NullMarked;
