// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.squashfs;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.lzo.LzoDecompressor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.apache.commons.compress.compressors.lz4.BlockLZ4CompressorInputStream;
import org.apache.commons.compress.compressors.lzma.LZMACompressorInputStream;
import org.plurality.unpack.layer.LayerFormatException;
import org.tukaani.xz.XZInputStream;

/** How a squashfs's blocks are compressed, by the number in its superblock. */
enum Compressor {
    GZIP(1),
    LZMA(2),
    LZO(3),
    XZ(4),
    LZ4(5),
    ZSTD(6);

    /** Dictionaries are as large as a block, which has 1 MiB at most. */
    private static final int DICTIONARY_KIB = 16 << 10;

    private final int number;

    Compressor(int number) {
        this.number = number;
    }

    static Compressor of(int number) throws LayerFormatException {
        for (Compressor compressor : values()) {
            if (compressor.number == number) {
                return compressor;
            }
        }
        throw damaged("it names an unknown compressor");
    }

    /** Opens a decompressor on one block. */
    @FunctionalInterface
    private interface Opener {
        InputStream open(InputStream block) throws IOException;
    }

    /**
     * Decompresses one block.
     *
     * @param most bytes that the block may have
     * @return how many bytes it has
     */
    int decompress(byte[] from, int length, byte[] into, int most) throws IOException {
        return switch (this) {
            case GZIP -> inflate(from, length, into, most);
            case ZSTD -> unzstd(from, length, into, most);
            case LZO -> unlzo(from, length, into, most);
            case XZ -> read(block -> new XZInputStream(block, DICTIONARY_KIB), from, length, into, most);
            case LZMA -> read(Compressor::unlzma, from, length, into, most);
            case LZ4 -> read(BlockLZ4CompressorInputStream::new, from, length, into, most);
        };
    }

    private static int unzstd(byte[] from, int length, byte[] into, int most) throws LayerFormatException {
        try {
            long size = Zstd.decompressByteArray(into, 0, most, from, 0, length);
            if (!Zstd.isError(size)) {
                return (int) size;
            }
        } catch (ZstdException e) {
            // Said below.
        }
        throw undecompressable();
    }

    private static InputStream unlzma(InputStream block) throws IOException {
        return LZMACompressorInputStream.builder()
                .setInputStream(block)
                .setMemoryLimitKiB(DICTIONARY_KIB)
                .get();
    }

    private static int unlzo(byte[] from, int length, byte[] into, int most) throws LayerFormatException {
        try {
            return new LzoDecompressor().decompress(from, 0, length, into, 0, most);
        } catch (MalformedInputException | IllegalArgumentException | IndexOutOfBoundsException e) {
            throw undecompressable();
        }
    }

    private static int read(Opener opener, byte[] from, int length, byte[] into, int most) throws IOException {
        int size;
        boolean isLonger;
        try (InputStream in = opener.open(new ByteArrayInputStream(from, 0, length))) {
            size = in.readNBytes(into, 0, most);
            isLonger = in.read() >= 0;
        } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
            throw undecompressable();
        }
        if (isLonger) {
            throw damaged("a block is too large");
        }
        return size;
    }

    private static int inflate(byte[] from, int length, byte[] into, int most) throws LayerFormatException {
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(from, 0, length);
            int size = inflater.inflate(into, 0, most);
            if (!inflater.finished() && (size < most || inflater.inflate(new byte[1]) > 0 || !inflater.finished())) {
                throw undecompressable();
            }
            return size;
        } catch (DataFormatException e) {
            throw undecompressable();
        } finally {
            inflater.end();
        }
    }

    private static LayerFormatException undecompressable() {
        return damaged("a block does not decompress");
    }

    static LayerFormatException damaged(String why) {
        return new LayerFormatException(
                "its squashfs is damaged: " + why,
                "have it made again, or copied again; 'unsquashfs -s FILE' checks it");
    }
}
