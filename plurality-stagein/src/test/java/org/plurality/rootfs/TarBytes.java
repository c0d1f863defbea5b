package org.plurality.rootfs;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
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
