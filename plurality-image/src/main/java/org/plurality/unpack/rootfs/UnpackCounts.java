// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

/** Running totals of what was changed on purpose. */
final class UnpackCounts {
    long entries;
    long droppedSpecials;
    long strippedSetIds;
    long droppedXattrs;
    long sharedFiles;
}
