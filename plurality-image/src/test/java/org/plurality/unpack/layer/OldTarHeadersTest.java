// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.layer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Headers with a prefix, of ustar and of GNU's magic, as Go's reader and containerd's and moby's tests have them. */
class OldTarHeadersTest {
    private static final String USTAR = "ustar\0" + "00";
    private static final String GNU = "ustar  \0";

    @ParameterizedTest
    @CsvSource({
        // Go before 1.8 and the Docker of its time: GNU's magic, and ustar's prefix.
        "gnu,aaaaaaaaaa/bbbbbbbbbbbbbb,,aaaaaaaaaa/bbbbbbbbbbbbbb/foo",
        "gnu,usr/lib/x,00000000000,usr/lib/x/foo",
        // GNU's incremental archives: times of access and change.
        "gnu,14330250135,14330250135,foo",
        "gnu,14330250135,,foo",
        "gnu,,,foo",
        // One time that is a number says that they are times; the text is in the other one's place.
        "gnu,77777777777,x,77777777777x/foo",
        // No plain text: neither.
        "gnu,aé,,foo",
        "ustar,usr/lib,,usr/lib/foo",
        "ustar,14330250135,,14330250135/foo",
        "ustar,,,foo",
        "v7,usr/lib,,foo"
    })
    void prefixIsPartOfTheName(String magic, String prefix, String behind, String name) throws Exception {
        byte[] header = new byte[512];
        put(header, 0, "foo");
        put(header, 100, "0000644\0" + "0000000\0" + "0000000\0" + "00000000000\0" + "14330250135\0");
        header[156] = '0';
        put(header, 257, magic.equals("gnu") ? GNU : magic.equals("ustar") ? USTAR : "");
        put(header, 345, prefix == null ? "" : prefix);
        put(header, behind == null || !behind.equals("x") ? 357 : 356, behind == null ? "" : behind);
        Arrays.fill(header, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        put(header, 148, String.format("%06o\0 ", sum));
        TarReader tar = new TarReader(new ByteArrayInputStream(Arrays.copyOf(header, 2048)), UnpackLimits.DEFAULT);
        TarEntry entry = Objects.requireNonNull(tar.next());
        assertThat(entry.name().toString()).isEqualTo(name);
    }

    private static void put(byte[] header, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }
}
