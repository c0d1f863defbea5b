// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.layer;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** How a layer's tar is compressed. */
public enum LayerCompression {
    GZIP,
    ZSTD,
    BZIP2,
    XZ,
    LZ4,
    NONE;

    /** A window of 2 GiB, as {@code zstd --long=31} makes it: taken from memory only as far as there is data. */
    private static final int ZSTD_LONGEST = 31;

    /** Enough for {@code xz -9}, whose dictionary has 64 MiB. */
    private static final int XZ_MEMORY_KIB = 80 << 10;

    /** As many of a blob's first bytes as {@link #detect} looks at. */
    static final int MAGIC_BYTES = 6;

    /**
     * Decides by the first bytes. The media type is often wrong about the compression, so it only has to name a layer
     * at all.
     *
     * @param head the first {@value #MAGIC_BYTES} bytes, or all when there are fewer
     * @throws LayerFormatException when it is no layer or compressed in another way
     */
    static LayerCompression detect(byte[] head, String mediaType) throws LayerFormatException {
        String type = mediaType.toLowerCase(Locale.ROOT);
        if (type.contains("encrypted")) {
            throw new LayerFormatException(
                    "it is encrypted (" + mediaType + ")", "pull an image that is not encrypted");
        }
        if (!type.isEmpty() && !type.contains("tar") && !type.contains("rootfs")) {
            throw new LayerFormatException(
                    "its media type " + mediaType + " is no filesystem layer",
                    "pull a container image, not an artifact");
        }
        if (startsWith(head, 0x1f, 0x8b)) {
            return GZIP;
        }
        boolean skippableFrame = head.length >= 4
                && (head[0] & 0xf0) == 0x50
                && startsWith(new byte[] {head[1], head[2], head[3]}, 0x2a, 0x4d, 0x18);
        if (startsWith(head, 0x28, 0xb5, 0x2f, 0xfd) || skippableFrame) {
            return ZSTD;
        }
        if (startsWith(head, 0xfd, '7', 'z', 'X', 'Z', 0)) {
            return XZ;
        }
        if (startsWith(head, 'B', 'Z', 'h')) {
            return BZIP2;
        }
        if (startsWith(head, 0x04, 0x22, 0x4d, 0x18)) {
            return LZ4;
        }
        return NONE;
    }

    InputStream open(InputStream compressed) throws IOException {
        return switch (this) {
            case GZIP -> new GzipStream(compressed);
            case ZSTD -> new ZstdInputStreamNoFinalizer(compressed).setLongMax(ZSTD_LONGEST);
            case BZIP2 -> new ForeignStream("bzip2", compressed, in -> new BZip2CompressorInputStream(in, true));
            case XZ -> new ForeignStream("xz", compressed, LayerCompression::unxz);
            case LZ4 -> new ForeignStream("lz4", compressed, in -> new FramedLZ4CompressorInputStream(in, true));
            case NONE -> compressed;
        };
    }

    private static InputStream unxz(InputStream compressed) throws IOException {
        return XZCompressorInputStream.builder()
                .setInputStream(compressed)
                .setDecompressConcatenated(true)
                .setMemoryLimitKiB(XZ_MEMORY_KIB)
                .get();
    }

    private static boolean startsWith(byte[] head, int... magic) {
        if (head.length < magic.length) {
            return false;
        }
        for (int i = 0; i < magic.length; i++) {
            if ((head[i] & 0xff) != magic[i]) {
                return false;
            }
        }
        return true;
    }
}
