// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.layer;

/**
 * What an image may take at most; each bound exceeded refuses the image.
 *
 * @param maxBytes decompressed, of all layers together
 * @param maxEntries of all layers together
 * @param maxPathLength in bytes, of a name in a layer and of the path it stands for
 * @param maxDepth of directories
 * @param maxHeaderBytes of one extended header: a long name, or all pax records of an entry
 * @param maxTreeBytes of memory for the names, link targets and extended attributes of the tree that is being made
 * @param maxRatio of decompressed to compressed bytes of a layer that exceeds 64 MiB; 0 for any
 */
public record UnpackLimits(
        long maxBytes,
        long maxEntries,
        int maxPathLength,
        int maxDepth,
        int maxHeaderBytes,
        long maxTreeBytes,
        long maxRatio) {
    /** What a setting may raise bounds to: paths that the kernel takes in one piece, recursion that a thread's stack bears. */
    public static final int LONGEST_PATH = 4096;

    public static final int DEEPEST = 2048;

    public static final int LONGEST_HEADER = 64 << 20;

    /** As delivered; the tree may take half of this JVM's heap. */
    public static final UnpackLimits DEFAULT = new UnpackLimits(
            256L << 30, 20_000_000, 4096, 512, 1 << 20, Runtime.getRuntime().maxMemory() / 2, 0);

    public UnpackLimits {
        if (maxBytes < 0
                || maxEntries < 0
                || maxPathLength < 1
                || maxDepth < 1
                || maxHeaderBytes < 0
                || maxTreeBytes < 0
                || maxRatio < 0) {
            throw new IllegalArgumentException("a bound is negative");
        }
    }

    /** @throws LayerFormatException when an image has more */
    public void requireEntries(long entries) throws LayerFormatException {
        if (entries > maxEntries) {
            throw new LayerFormatException(
                    "the image has more than " + maxEntries + " entries",
                    "if you trust it, raise max_entries in plurality.toml or PLURALITY_MAX_ENTRIES");
        }
    }

    public UnpackLimits withMaxBytes(long bytes) {
        return new UnpackLimits(bytes, maxEntries, maxPathLength, maxDepth, maxHeaderBytes, maxTreeBytes, maxRatio);
    }

    public UnpackLimits withMaxEntries(long entries) {
        return new UnpackLimits(maxBytes, entries, maxPathLength, maxDepth, maxHeaderBytes, maxTreeBytes, maxRatio);
    }

    public UnpackLimits withMaxTreeBytes(long bytes) {
        return new UnpackLimits(maxBytes, maxEntries, maxPathLength, maxDepth, maxHeaderBytes, bytes, maxRatio);
    }

    public UnpackLimits withMaxRatio(long ratio) {
        return new UnpackLimits(maxBytes, maxEntries, maxPathLength, maxDepth, maxHeaderBytes, maxTreeBytes, ratio);
    }
}
