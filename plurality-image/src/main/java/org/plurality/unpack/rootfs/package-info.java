// SPDX-License-Identifier: Apache-2.0
/**
 * Layers applied in order make a root filesystem: {@link RootfsWriter} is the entry. What it has made so far is
 * kept in memory as a tree, which decides everything (what a name refers to, what a whiteout removes); the disk
 * only sees calls on directory descriptors that follow no link. Knows no registry and no cache. Specification: OCI
 * image-spec layer.md.
 */
@NullMarked
package org.plurality.unpack.rootfs;

import org.jspecify.annotations.NullMarked;
