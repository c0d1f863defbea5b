// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import org.plurality.posix.ByteString;

/**
 * A line of {@code files.jsonl.zst}.
 *
 * @param path relative to the root, whose own is empty
 * @param mode of directories and files
 * @param size of files, in bytes
 * @param sha256 of files, hexadecimal; empty for others
 * @param target of symbolic links; empty for others
 * @param hardlink an earlier path that is the same file; empty when there is none
 * @param seconds of last modification
 */
public record ListedFile(
        ByteString path,
        Type type,
        int mode,
        long size,
        String sha256,
        ByteString target,
        ByteString hardlink,
        long seconds) {
    /** What a name can stand for. */
    public enum Type {
        DIRECTORY,
        FILE,
        SYMBOLIC_LINK
    }
}
