// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.CompressorStreamFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.plurality.reference.Digest;

class LayerStreamTest {
    private static final byte[] TAR = new byte[300_000];

    static {
        Arrays.fill(TAR, (byte) 'x');
    }

    @Test
    void everyGzipMemberIsReadAndZerosMayFollow() throws IOException {
        byte[] half = Arrays.copyOf(TAR, 150_000);
        assertThat(diffId(join(gzip(half), gzip(half), new byte[100]))).isEqualTo(Digest.sha256(TAR));
    }

    @Test
    void everyZstdFrameIsReadAndSkippableOnesPassedOver() throws IOException {
        byte[] half = Zstd.compress(Arrays.copyOf(TAR, 150_000));
        byte[] skippable = {0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9};
        assertThat(diffId(join(skippable, half, skippable, half))).isEqualTo(Digest.sha256(TAR));
    }

    @Test
    void plainTarIsReadAsItIs() throws IOException {
        assertThat(diffId(TAR)).isEqualTo(Digest.sha256(TAR));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bzip2", "xz", "lz4-framed"})
    void otherCompressionsAreReadAndTheirDamageIsTheLayers(String kind) throws Exception {
        ByteArrayOutputStream blob = new ByteArrayOutputStream();
        try (OutputStream out = new CompressorStreamFactory().createCompressorOutputStream(kind, blob)) {
            out.write(TAR);
        }
        byte[] whole = blob.toByteArray();
        assertThat(diffId(whole)).isEqualTo(Digest.sha256(TAR));
        byte[] damaged = whole.clone();
        damaged[whole.length / 2] ^= 0x55;
        for (byte[] bad : List.of(Arrays.copyOf(whole, whole.length - 3), Arrays.copyOf(whole, 7), damaged)) {
            assertThatThrownBy(() -> diffId(bad)).isInstanceOf(LayerFormatException.class);
        }
    }

    /** The window of {@code zstd --long=31} is larger than the layer. */
    @Test
    void longWindowOfZstdIsRead() throws IOException {
        byte[] header = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, (byte) ((31 - 10) << 3)};
        byte[] content = Arrays.copyOf(TAR, 5000);
        int block = 5000 << 3 | 1;
        byte[] blockHeader = {(byte) block, (byte) (block >> 8), (byte) (block >> 16)};
        assertThat(diffId(join(header, blockHeader, content))).isEqualTo(Digest.sha256(content));
    }

    @Test
    void truncatedOrDamagedDataIsRefused() throws IOException {
        byte[] gzip = gzip(TAR);
        byte[] zstd = Zstd.compress(TAR);
        byte[] wrongCrc = gzip.clone();
        wrongCrc[gzip.length - 8] ^= 1;
        for (byte[] blob : new byte[][] {
            Arrays.copyOf(gzip, gzip.length - 1),
            Arrays.copyOf(gzip, 20),
            wrongCrc,
            join(gzip, new byte[] {1}),
            Arrays.copyOf(zstd, zstd.length - 3),
            join(zstd, new byte[] {1, 2, 3, 4, 5})
        }) {
            assertThatThrownBy(() -> diffId(blob)).isInstanceOf(LayerFormatException.class);
        }
    }

    @Test
    void failureOfTheBlobIsToldApart() {
        IOException failure = new IOException("connection reset");
        InputStream blob = new InputStream() {
            @Override
            public int read() throws IOException {
                throw failure;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                throw failure;
            }
        };
        try (LayerStream layer = new LayerStream(blob, "", UnpackLimits.DEFAULT, new AtomicLong(Long.MAX_VALUE))) {
            assertThatThrownBy(layer::diffId)
                    .isInstanceOfSatisfying(BlobReadException.class, e -> assertThat(e.failure())
                            .isSameAs(failure));
        }
    }

    private static Digest diffId(byte[] blob) throws IOException {
        try (LayerStream layer = new LayerStream(
                new ByteArrayInputStream(blob), "", UnpackLimits.DEFAULT, new AtomicLong(Long.MAX_VALUE))) {
            return layer.diffId();
        }
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
