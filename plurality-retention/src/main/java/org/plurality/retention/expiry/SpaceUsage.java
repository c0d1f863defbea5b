// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.expiry;

/**
 * What is in a cache besides its images, and around it.
 *
 * @param blobBytes in {@code blobs/}
 * @param blobs how many
 * @param freeBytes on its filesystem, for its owner
 * @param freeInodes likewise; {@link Long#MAX_VALUE} where the filesystem does not count them
 */
public record SpaceUsage(long blobBytes, long blobs, long freeBytes, long freeInodes) {
    /** Where inodes are not counted. */
    public SpaceUsage(long blobBytes, long blobs, long freeBytes) {
        this(blobBytes, blobs, freeBytes, Long.MAX_VALUE);
    }
}
