package org.plurality.squash;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Locale;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.plurality.layer.LayerFormatException;
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
    private static final int XZ_MEMORY_KIB = 16 << 10;

    private final int number;

    Compressor(int number) {
        this.number = number;
    }

    static Compressor of(int number) throws LayerFormatException {
        for (Compressor compressor : values()) {
            if (compressor.number == number) {
                return switch (compressor) {
                    case GZIP, XZ, ZSTD -> compressor;
                    case LZMA, LZO, LZ4 ->
                        throw new LayerFormatException(
                                "its squashfs is compressed with "
                                        + compressor.name().toLowerCase(Locale.ROOT) + ", which is not read here",
                                "unpack it with 'unsquashfs -d DIRECTORY FILE' and pull dir:DIRECTORY");
                };
            }
        }
        throw damaged("it names an unknown compressor");
    }

    /**
     * @param most what comes out has at most
     * @return how much came out
     */
    int decompress(byte[] from, int length, byte[] into, int most) throws IOException {
        return switch (this) {
            case GZIP -> inflate(from, length, into, most);
            case ZSTD -> {
                long size;
                try {
                    size = Zstd.decompressByteArray(into, 0, most, from, 0, length);
                } catch (ZstdException e) {
                    throw damaged("a block does not decompress");
                }
                if (Zstd.isError(size)) {
                    throw damaged("a block does not decompress");
                }
                yield (int) size;
            }
            case XZ -> {
                try (XZInputStream in = new XZInputStream(new ByteArrayInputStream(from, 0, length), XZ_MEMORY_KIB)) {
                    int size = in.readNBytes(into, 0, most);
                    if (in.read() >= 0) {
                        throw damaged("a block is too large");
                    }
                    yield size;
                } catch (LayerFormatException e) {
                    throw e;
                } catch (IOException e) {
                    throw damaged("a block does not decompress");
                }
            }
            case LZMA, LZO, LZ4 -> throw new IllegalStateException("refused when it was opened");
        };
    }

    private static int inflate(byte[] from, int length, byte[] into, int most) throws LayerFormatException {
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(from, 0, length);
            int size = inflater.inflate(into, 0, most);
            if (!inflater.finished() && (size < most || inflater.inflate(new byte[1]) > 0 || !inflater.finished())) {
                throw damaged("a block does not decompress");
            }
            return size;
        } catch (DataFormatException e) {
            throw damaged("a block does not decompress");
        } finally {
            inflater.end();
        }
    }

    static LayerFormatException damaged(String why) {
        return new LayerFormatException(
                "its squashfs is damaged: " + why,
                "have it made anew, or copied again; 'unsquashfs -s FILE' checks it");
    }
}
