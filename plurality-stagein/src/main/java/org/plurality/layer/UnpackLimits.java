package org.plurality.layer;

/**
 * What an image may take at most; each bound exceeded refuses the image.
 *
 * @param maxBytes decompressed, of all layers together
 * @param maxEntries of all layers together
 * @param maxPathLength in bytes, of a name in a layer and of the path it stands for
 * @param maxDepth of directories
 * @param maxHeaderBytes of one extended header: a long name, or all pax records of an entry
 * @param maxRatio of decompressed to compressed bytes of a layer that exceeds 64 MiB; 0 for any
 */
public record UnpackLimits(
        long maxBytes, long maxEntries, int maxPathLength, int maxDepth, int maxHeaderBytes, long maxRatio) {
    /** As delivered. */
    public static final UnpackLimits DEFAULT = new UnpackLimits(256L << 30, 20_000_000, 4096, 512, 1 << 20, 0);

    public UnpackLimits {
        if (maxBytes < 0 || maxEntries < 0 || maxPathLength < 1 || maxDepth < 1 || maxHeaderBytes < 0 || maxRatio < 0) {
            throw new IllegalArgumentException("a bound is negative");
        }
    }

    public UnpackLimits withMaxBytes(long bytes) {
        return new UnpackLimits(bytes, maxEntries, maxPathLength, maxDepth, maxHeaderBytes, maxRatio);
    }

    public UnpackLimits withMaxEntries(long entries) {
        return new UnpackLimits(maxBytes, entries, maxPathLength, maxDepth, maxHeaderBytes, maxRatio);
    }
}
