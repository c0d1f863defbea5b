// SPDX-License-Identifier: Apache-2.0
/**
 * Squashfs files, made by squashfs-tools: {@link SquashfsFile} is the entry. Knows neither layers nor caches.
 */
@NullMarked
package org.plurality.unpack.squashfs;

import org.jspecify.annotations.NullMarked;
