// SPDX-License-Identifier: Apache-2.0
/**
 * Root filesystems in squashfs files: {@link SquashTree} reads version 4 at any place of a file, compressed with
 * gzip, xz or zstd. Everything in it is untrusted and bounded; no program of the host and no mount is needed.
 * Extended attributes are not read: none of them stays in an image that is staged in.
 *
 * <p>Specification: the kernel's Documentation/filesystems/squashfs.rst and fs/squashfs/squashfs_fs.h.
 */
@NullMarked
package org.plurality.local.squashfs;

import org.jspecify.annotations.NullMarked;
