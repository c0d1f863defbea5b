// SPDX-License-Identifier: Apache-2.0
/**
 * The cache on disk, format 1: {@link Cache} finds, publishes and removes entries;
 * {@link org.plurality.cache.CacheLayout} alone spells its paths. What has its final name is complete and is never
 * changed; correctness needs no lock. Knows no network, no container runtime, no policy of expiry.
 */
@NullMarked
package org.plurality.cache;

import org.jspecify.annotations.NullMarked;
