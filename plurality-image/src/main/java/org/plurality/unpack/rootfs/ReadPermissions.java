// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Who is to read an unpacked image besides its owner, and so which files that an image keeps to root are opened: in a cache that a group
 * or everybody may read, an image that only its publisher could run would be of no use.
 *
 * @param bits of a mode: {@code 0040} for the group, {@code 0004} for everybody
 */
public record ReadPermissions(int bits) {
    /** Nobody: what its owner can read stays as it is. */
    public static final ReadPermissions OWNER = new ReadPermissions(0);

    private static final int MASK = 0044;

    public ReadPermissions {
        if ((bits & ~MASK) != 0) {
            throw new IllegalArgumentException("neither group nor others: " + Integer.toOctalString(bits));
        }
    }

    /** Those of a directory that is there. */
    public static ReadPermissions of(Path directory) throws IOException {
        return new ReadPermissions((Integer) Files.getAttribute(directory, "unix:mode") & MASK);
    }

    /** The mode that a file gets: readable to all of them, and executable if it is to its owner. */
    int file(int mode) {
        int execute = (mode & 0100) != 0 ? bits >> 2 : 0;
        return mode | 0400 | bits | execute;
    }

    /** The mode that a directory gets: open to its owner, who lists and deletes it, and to be passed by the others. */
    int directory(int mode) {
        return mode | 0700 | bits | bits >> 2;
    }
}
