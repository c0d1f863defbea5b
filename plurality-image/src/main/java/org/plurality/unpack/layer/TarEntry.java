// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.layer;

import java.util.List;
import org.plurality.posix.ByteString;

/**
 * One entry of a layer, as its headers say.
 *
 * @param name with its slashes, not yet checked
 * @param linkName target of a link; else empty
 * @param size of the contents that follow; 0 for all but files
 * @param mode the low twelve bits
 * @param uid its owner, within {@code 0..2^32-2} as an unsigned number; what is malformed is nobody's, 65534
 * @param gid likewise
 * @param seconds of last modification since 1970, within {@code 0..2^32-1}, which every filesystem can keep
 * @param xattrs that a container may have: {@code user.*}, but for those that steer an overlay filesystem
 * @param droppedXattrs how many other extended attributes, capabilities and access control lists it carries
 */
public record TarEntry(
        Kind kind,
        ByteString name,
        ByteString linkName,
        long size,
        int mode,
        int uid,
        int gid,
        long seconds,
        int nanoseconds,
        List<Xattr> xattrs,
        int droppedXattrs) {
    public TarEntry {
        xattrs = List.copyOf(xattrs);
    }

    /** What an entry makes. */
    public enum Kind {
        FILE,
        HARD_LINK,
        SYMBOLIC_LINK,
        DIRECTORY,
        /** A character or block device or a named pipe; tar knows no sockets. */
        SPECIAL
    }
}
