// SPDX-License-Identifier: Apache-2.0
package org.plurality.host;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Writes 64-bit shared objects that have nothing but a dynamic section. */
public final class SampleElf {
    private static final int HEADER = 64;
    private static final int PROGRAM_HEADER = 56;

    private SampleElf() {}

    /**
     * @param soname or an empty text for none
     * @param names that its string table has besides, such as {@code GLIBC_2.36}
     */
    public static Path write(Path file, String soname, List<String> needed, String... names) throws IOException {
        StringBuilder strings = new StringBuilder("\0");
        List<long[]> entries = new ArrayList<>();
        for (String name : needed) {
            entries.add(new long[] {1, strings.length()});
            strings.append(name).append('\0');
        }
        if (!soname.isEmpty()) {
            entries.add(new long[] {14, strings.length()});
            strings.append(soname).append('\0');
        }
        for (String name : names) {
            strings.append(name).append('\0');
        }
        int stringsAt = HEADER + 2 * PROGRAM_HEADER;
        int dynamicAt = stringsAt + strings.length();
        int dynamicSize = 16 * (entries.size() + 3);
        ByteBuffer elf = ByteBuffer.allocate(dynamicAt + dynamicSize).order(ByteOrder.LITTLE_ENDIAN);
        elf.putInt(0, 0x464c457f).put(4, (byte) 2).put(5, (byte) 1);
        elf.putLong(32, HEADER).putShort(54, (short) PROGRAM_HEADER).putShort(56, (short) 2);
        // Loaded a page away from where it lies in the file.
        header(elf, HEADER, 1, 0, 0x1000, elf.capacity());
        header(elf, HEADER + PROGRAM_HEADER, 2, dynamicAt, 0x1000L + dynamicAt, dynamicSize);
        elf.put(stringsAt, strings.toString().getBytes(US_ASCII));
        entries.add(new long[] {5, 0x1000L + stringsAt});
        entries.add(new long[] {10, strings.length()});
        for (int i = 0; i < entries.size(); i++) {
            elf.putLong(dynamicAt + 16 * i, entries.get(i)[0]).putLong(dynamicAt + 16 * i + 8, entries.get(i)[1]);
        }
        Files.createDirectories(file.resolveSibling("."));
        return Files.write(file, elf.array());
    }

    private static void header(ByteBuffer elf, int at, int type, long offset, long address, long size) {
        elf.putInt(at, type).putLong(at + 8, offset).putLong(at + 16, address).putLong(at + 32, size);
    }
}
