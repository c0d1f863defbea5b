// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import java.nio.file.Path;

/**
 * Where trees share files by hard links.
 *
 * @param files a directory in which each file that may be shared has one more name, on the trees' filesystem
 * @param scratch a directory of this tree's writer alone, on the same
 */
public record Sharing(Path files, Path scratch) {}
