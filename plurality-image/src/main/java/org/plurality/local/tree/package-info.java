// SPDX-License-Identifier: Apache-2.0
/**
 * Root filesystems that are no images: {@link TreeImage} makes one of a {@link FileTree}, with one layer, a tar
 * whose bytes follow from the tree alone. Knows no cache.
 */
@NullMarked
package org.plurality.local.tree;

import org.jspecify.annotations.NullMarked;
