// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

/** Makes tars that no tar program would. */
final class TarBytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    TarBytes file(String name, String content) {
        return entry('0', name, "", 0644, content.getBytes(StandardCharsets.UTF_8));
    }

    TarBytes directory(String name, int mode) {
        return entry('5', name, "", mode, new byte[0]);
    }

    TarBytes symlink(String name, String target) {
        return entry('2', name, target, 0777, new byte[0]);
    }

    TarBytes hardLink(String name, String target) {
        return entry('1', name, target, 0644, new byte[0]);
    }

    TarBytes entry(char type, String name, String link, int mode, byte[] content) {
        return raw(header(type, name, link, mode, octal(content.length, 11), "01000000000"))
                .data(content);
    }

    TarBytes pax(String keyword, String value) {
        String body = " " + keyword + "=" + value + "\n";
        int bytes = body.getBytes(StandardCharsets.UTF_8).length;
        int length = bytes;
        while (Integer.toString(length).length() + bytes != length) {
            length++;
        }
        return entry('x', "pax", "", 0644, (length + body).getBytes(StandardCharsets.UTF_8));
    }

    TarBytes data(byte[] content) {
        raw(content);
        return raw(new byte[-content.length & 511]);
    }

    TarBytes raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    byte[] unended() {
        return out.toByteArray();
    }

    byte[] end() {
        return new TarBytes().raw(unended()).raw(new byte[1024]).unended();
    }

    /** Other ways to write the same entries. */
    enum Dialect {
        V7,
        GNU,
        PAX
    }

    /** The same in another dialect; empty where it holds anything but plain entries. */
    static Optional<byte[]> as(Dialect dialect, byte[] tar) {
        TarBytes other = new TarBytes();
        int at = 0;
        while (at + 512 <= tar.length && tar[at] != 0) {
            byte[] block = Arrays.copyOfRange(tar, at, at + 512);
            String size = text(block, 124, 11);
            String mode = text(block, 100, 7);
            if ("0125".indexOf(block[156]) < 0 || !size.matches("0*[0-7]{1,6}") || !mode.matches("[0-7]{7}")) {
                return Optional.empty();
            }
            int end = at + 512 + (Integer.parseInt(size, 8) + 511) / 512 * 512;
            if (end > tar.length) {
                return Optional.empty();
            }
            switch (dialect) {
                case V7 -> Arrays.fill(block, 257, 512, (byte) 0);
                case GNU -> put(block, 257, "ustar  \0");
                case PAX -> {
                    String name = text(block, 0, 100);
                    String link = text(block, 157, 100);
                    if (!(name + link).chars().allMatch(c -> c < 0x80)) {
                        return Optional.empty();
                    }
                    other.raw(paxOf(name, link));
                    Arrays.fill(block, 0, 100, (byte) 0);
                    Arrays.fill(block, 157, 257, (byte) 0);
                    put(block, 0, "elsewhere");
                    put(block, 157, "elsewhere");
                }
            }
            other.raw(summed(block)).raw(Arrays.copyOfRange(tar, at + 512, end));
            at = end;
        }
        return at == 0 ? Optional.empty() : Optional.of(other.end());
    }

    private static byte[] paxOf(String name, String link) {
        byte[] both = (record("path", name) + (link.isEmpty() ? "" : record("linkpath", link)))
                .getBytes(StandardCharsets.UTF_8);
        return new TarBytes().entry('x', "pax", "", 0644, both).unended();
    }

    private static String record(String keyword, String value) {
        String body = " " + keyword + "=" + value + "\n";
        int length = body.length();
        while (Integer.toString(length).length() + body.length() != length) {
            length++;
        }
        return length + body;
    }

    private static String text(byte[] block, int offset, int most) {
        int end = offset;
        while (end < offset + most && block[end] != 0) {
            end++;
        }
        return new String(block, offset, end - offset, StandardCharsets.ISO_8859_1);
    }

    static byte[] gzip(byte[] bytes) throws java.io.IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(bytes);
        }
        return compressed.toByteArray();
    }

    static byte[] header(char type, String name, String link, int mode, String size, String time) {
        byte[] block = new byte[512];
        put(block, 0, name);
        put(block, 100, octal(mode, 7));
        put(block, 108, octal(0, 7));
        put(block, 116, octal(0, 7));
        put(block, 124, size);
        put(block, 136, time);
        block[156] = (byte) type;
        put(block, 157, link);
        put(block, 257, "ustar\00000");
        return summed(block);
    }

    static byte[] summed(byte[] block) {
        put(block, 148, "        ");
        int sum = 0;
        for (byte value : block) {
            sum += value & 0xff;
        }
        put(block, 148, octal(sum, 6) + "\0 ");
        return block;
    }

    static String octal(long value, int digits) {
        return String.format(Locale.ROOT, "%0" + digits + "o", value);
    }

    private static void put(byte[] block, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(bytes, 0, block, at, bytes.length);
    }
}
