// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.squashfs;

/**
 * How a squashfs is made.
 *
 * @param level of zstd, 1 to 22
 * @param blockBytes a power of two, 4 KiB to 1 MiB
 * @param memoryBytes that mksquashfs keeps for its queues; it takes some 20 MB besides
 * @param processors threads that compress
 */
public record SquashfsOptions(int level, long blockBytes, long memoryBytes, int processors) {
    public static final int MAX_LEVEL = 22;
    public static final long MIN_BLOCK = 4 << 10;
    public static final long MAX_BLOCK = 1 << 20;

    /** Less than this and mksquashfs does not start. */
    public static final long MIN_MEMORY = 32 << 20;

    public static final SquashfsOptions DEFAULT =
            new SquashfsOptions(3, MAX_BLOCK, 128 << 20, Runtime.getRuntime().availableProcessors());

    public SquashfsOptions {
        if (level < 1 || level > MAX_LEVEL) {
            throw new IllegalArgumentException("a level from 1 to 22: " + level);
        }
        if (blockBytes < MIN_BLOCK || blockBytes > MAX_BLOCK || Long.bitCount(blockBytes) != 1) {
            throw new IllegalArgumentException("a power of two from 4KiB to 1MiB: " + blockBytes);
        }
        if (memoryBytes < MIN_MEMORY || processors < 1) {
            throw new IllegalArgumentException("at least 32MiB and one processor");
        }
    }
}
