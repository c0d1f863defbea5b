// SPDX-License-Identifier: Apache-2.0
package org.plurality.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a 64-bit ELF shared object says of itself in its dynamic section (System V ABI, chapter 5).
 *
 * @param soname the name that programs link to, when it has one
 * @param needed names of libraries that it needs
 * @param glibc the largest N of the {@code GLIBC_2.N} that it defines or needs; 0 for none
 */
public record ElfFile(Optional<String> soname, List<String> needed, int glibc) {
    private static final int MAX_TABLE = 16 << 20;
    private static final int MAX_HEADERS = 1000;
    private static final int PT_LOAD = 1;
    private static final int PT_DYNAMIC = 2;
    private static final int DT_NEEDED = 1;
    private static final int DT_STRTAB = 5;
    private static final int DT_STRSZ = 10;
    private static final int DT_SONAME = 14;
    private static final String GLIBC = "GLIBC_2.";

    public ElfFile {
        needed = List.copyOf(needed);
    }

    private record Segment(int type, long offset, long address, long size) {}

    /** @throws IOException when it is not one */
    public static ElfFile read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer header = at(channel, 0, 64, ByteOrder.LITTLE_ENDIAN);
            if (header.getInt(0) != 0x464c457f || header.get(4) != 2) {
                throw new IOException("it is not a 64-bit ELF file");
            }
            ByteOrder order = header.get(5) == 2 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
            header.order(order);
            int size = header.getShort(54) & 0xffff;
            int count = header.getShort(56) & 0xffff;
            if (size < 56 || count > MAX_HEADERS) {
                throw new IOException("its program headers are damaged");
            }
            ByteBuffer headers = at(channel, header.getLong(32), (long) size * count, order);
            List<Segment> segments = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int base = i * size;
                segments.add(new Segment(
                        headers.getInt(base),
                        headers.getLong(base + 8),
                        headers.getLong(base + 16),
                        headers.getLong(base + 32)));
            }
            for (Segment segment : segments) {
                if (segment.type == PT_DYNAMIC) {
                    return dynamic(channel, segment, segments, order);
                }
            }
        }
        return new ElfFile(Optional.empty(), List.of(), 0);
    }

    private static ElfFile dynamic(FileChannel channel, Segment dynamic, List<Segment> segments, ByteOrder order)
            throws IOException {
        ByteBuffer table = at(channel, dynamic.offset, dynamic.size, order);
        long stringsAt = -1;
        long stringsSize = 0;
        long soname = -1;
        List<Long> needed = new ArrayList<>();
        for (int i = 0; i + 16 <= table.limit() && table.getLong(i) != 0; i += 16) {
            long value = table.getLong(i + 8);
            switch ((int) table.getLong(i)) {
                case DT_NEEDED -> needed.add(value);
                case DT_STRTAB -> stringsAt = offsetOf(value, segments);
                case DT_STRSZ -> stringsSize = value;
                case DT_SONAME -> soname = value;
                default -> {
                    // Not asked for.
                }
            }
        }
        ByteBuffer strings = at(channel, stringsAt, stringsSize, order);
        List<String> names = new ArrayList<>();
        for (long name : needed) {
            names.add(string(strings, name));
        }
        return new ElfFile(soname < 0 ? Optional.empty() : Optional.of(string(strings, soname)), names, glibc(strings));
    }

    private static long offsetOf(long address, List<Segment> segments) throws IOException {
        for (Segment segment : segments) {
            if (segment.type == PT_LOAD && address >= segment.address && address < segment.address + segment.size) {
                return segment.offset + (address - segment.address);
            }
        }
        throw new IOException("its string table is not in the file");
    }

    private static String string(ByteBuffer strings, long start) throws IOException {
        for (long end = start; start >= 0 && end < strings.limit(); end++) {
            if (strings.get((int) end) == 0) {
                byte[] bytes = new byte[(int) (end - start)];
                strings.get((int) start, bytes);
                return new String(bytes, StandardCharsets.UTF_8);
            }
        }
        throw new IOException("a name lies outside of its string table");
    }

    /** Names of versions are in the same table as all others. */
    private static int glibc(ByteBuffer strings) {
        String text =
                StandardCharsets.ISO_8859_1.decode(strings.duplicate().rewind()).toString();
        int most = 0;
        for (int at = text.indexOf(GLIBC); at >= 0; at = text.indexOf(GLIBC, at + 1)) {
            int number = 0;
            for (int i = at + GLIBC.length(); i < text.length() && number < 1000; i++) {
                char c = text.charAt(i);
                if (c < '0' || c > '9') {
                    break;
                }
                number = number * 10 + (c - '0');
            }
            most = Math.max(most, number);
        }
        return most;
    }

    private static ByteBuffer at(FileChannel channel, long offset, long size, ByteOrder order) throws IOException {
        if (offset < 0 || size < 0 || size > MAX_TABLE) {
            throw new IOException("it is a damaged ELF file");
        }
        ByteBuffer buffer = ByteBuffer.allocate((int) size).order(order);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, offset + buffer.position()) < 0) {
                throw new IOException("it ends early");
            }
        }
        return buffer.flip();
    }
}
