// SPDX-License-Identifier: Apache-2.0
/**
 * Squashfs files, made by squashfs-tools: {@link org.plurality.squashfs.SquashfsFile} is the entry. Knows neither layers nor caches.
 */
@NullMarked
package org.plurality.squashfs;

import org.jspecify.annotations.NullMarked;
