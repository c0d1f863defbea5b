// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same of both inflations: what one reads and refuses, the other does. */
@Tag("slow")
class GzipStreamTest {
    enum Way {
        ZLIB,
        IGZIP;

        Inflation inflation() {
            if (this == ZLIB) {
                return new ZlibInflation();
            }
            boolean usable = IgzipInflation.isUsable();
            if ("1".equals(System.getenv("PLURALITY_REQUIRE_TOOLS"))) {
                assertThat(usable).as("libisal.so.2 is there and works").isTrue();
            }
            assumeTrue(usable, "libisal.so.2 is not there (Debian package libisal2)");
            return new IgzipInflation();
        }
    }

    /** Members of all sizes, levels and kinds of content, which arrive in pieces of all sizes. */
    @ParameterizedTest
    @EnumSource(Way.class)
    void membersAreReadHoweverTheyArrive(Way way) throws IOException {
        Random random = new Random(7);
        for (int round = 0; round < 300; round++) {
            ByteArrayOutputStream blob = new ByteArrayOutputStream();
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            for (int member = random.nextInt(4); member >= 0; member--) {
                byte[] content = content(random);
                text.writeBytes(content);
                blob.writeBytes(gzip(content, random.nextInt(10)));
            }
            blob.writeBytes(new byte[random.nextInt(3)]);
            int piece = 1 + random.nextInt(random.nextBoolean() ? 20 : 100_000);
            assertThat(read(way, blob.toByteArray(), piece)).isEqualTo(text.toByteArray());
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void whatIsCutOrChangedAnywhereIsRefusedOrTheSame(Way way) throws IOException {
        Random random = new Random(11);
        for (int round = 0; round < 3000; round++) {
            byte[] content = Arrays.copyOf(content(random), 1 + random.nextInt(5000));
            byte[] blob = gzip(content, 1 + random.nextInt(9));
            byte[] cut = Arrays.copyOf(blob, 1 + random.nextInt(blob.length - 1));
            assertThatThrownBy(() -> read(way, cut, 1000)).isInstanceOf(LayerFormatException.class);
            // Of the header, a time or a flag may change without a word.
            blob[10 + random.nextInt(blob.length - 10)] ^= (byte) (1 << random.nextInt(8));
            try {
                assertThat(read(way, blob, 1000)).isEqualTo(content);
            } catch (LayerFormatException e) {
                assertThat(e).hasMessageContaining("gzip");
            }
        }
    }

    private static byte[] content(Random random) {
        byte[] content = new byte[random.nextInt(random.nextInt(8) == 0 ? 400_000 : 3_000)];
        int kind = random.nextInt(3);
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte)
                    switch (kind) {
                        case 0 -> random.nextInt();
                        case 1 -> 'x';
                        default ->
                            i > 40 && random.nextInt(10) > 0 ? content[i - 1 - random.nextInt(40)] : random.nextInt(64);
                    };
        }
        return content;
    }

    private static byte[] gzip(byte[] content, int level) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new LevelledGzip(out, level)) {
            gzip.write(content);
        }
        return out.toByteArray();
    }

    private static final class LevelledGzip extends GZIPOutputStream {
        LevelledGzip(ByteArrayOutputStream out, int level) throws IOException {
            super(out);
            def.setLevel(level);
            def.setStrategy(level % 4 == 1 ? Deflater.HUFFMAN_ONLY : Deflater.DEFAULT_STRATEGY);
        }
    }

    private static byte[] read(Way way, byte[] blob, int piece) throws IOException {
        InputStream pieces = new ByteArrayInputStream(blob) {
            @Override
            public synchronized int read(byte[] bytes, int offset, int length) {
                return super.read(bytes, offset, Math.min(length, piece));
            }
        };
        try (InputStream gzip = new GzipStream(pieces, way.inflation())) {
            return gzip.readAllBytes();
        }
    }
}
