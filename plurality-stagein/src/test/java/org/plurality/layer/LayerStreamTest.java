package org.plurality.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
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
