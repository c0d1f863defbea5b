// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

/**
 * What an unpacked root filesystem is.
 *
 * @param bytes sum of its files' sizes, hard links once
 * @param inodes that it takes
 * @param entries read from its layers
 * @param droppedSpecials devices and pipes left out
 * @param strippedSetIds entries that lost setuid or setgid
 * @param droppedXattrs extended attributes, capabilities and access control lists left out
 * @param sharedFiles that another image has, too, and that take no room of their own
 */
public record UnpackSummary(
        long bytes,
        long inodes,
        long entries,
        long droppedSpecials,
        long strippedSetIds,
        long droppedXattrs,
        long sharedFiles) {
    static UnpackSummary of(UnpackCounts counts, FileList list) {
        return new UnpackSummary(
                list.bytes(),
                list.inodes(),
                counts.entries,
                counts.droppedSpecials,
                counts.strippedSetIds,
                counts.droppedXattrs,
                counts.sharedFiles);
    }
}
