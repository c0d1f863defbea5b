// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.layer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Map of a sparse file: the places of the bytes that a tar holds one after another. Everything between them is zero.
 * GNU tar writes the map in the header of the entry (its own old format), in pax records (0.0 and 0.1), or in front of
 * the contents (1.0).
 */
final class SparseMap {
    private static final int OLD_IN_HEADER = 4;
    private static final int OLD_IN_BLOCK = 21;
    private static final int PAIR_BYTES = 24;

    private final long size;
    private final List<Long> numbers;
    private int next;
    private long position;

    /**
     * Checks the map.
     *
     * @param numbers places and lengths in turn
     * @param size of the whole file
     * @param stored bytes that the tar holds of it
     */
    SparseMap(List<Long> numbers, long size, long stored) throws LayerFormatException {
        this.numbers = numbers;
        this.size = size;
        long end = 0;
        long sum = 0;
        for (int i = 0; i + 1 < numbers.size(); i += 2) {
            long place = numbers.get(i);
            long length = numbers.get(i + 1);
            if (place < end || length > size - place) {
                throw malformed();
            }
            end = place + length;
            sum += length;
        }
        if (numbers.size() % 2 != 0 || sum != stored) {
            throw malformed();
        }
    }

    long size() {
        return size;
    }

    /** Reads bytes that the tar holds; fails where there are none. */
    @FunctionalInterface
    interface Stored {
        int read(byte[] buffer, int offset, int length) throws IOException;
    }

    /** Reads the file, holes included; -1 at its end. */
    int read(byte[] buffer, int offset, int length, Stored stored) throws IOException {
        if (position == size) {
            return -1;
        }
        while (next < numbers.size() && position == numbers.get(next) + numbers.get(next + 1)) {
            next += 2;
        }
        long begin = next < numbers.size() ? numbers.get(next) : size;
        int read;
        if (position < begin) {
            read = (int) Math.min(length, begin - position);
            Arrays.fill(buffer, offset, offset + read, (byte) 0);
        } else {
            long left = begin + numbers.get(next + 1) - position;
            read = stored.read(buffer, offset, (int) Math.min(length, left));
        }
        position += read;
        return read;
    }

    /** The numbers in pax format 0.1, separated by commas. */
    static List<Long> commas(String text) throws LayerFormatException {
        List<Long> numbers = new ArrayList<>();
        for (String number : text.isEmpty() ? new String[0] : text.split(",", -1)) {
            numbers.add(number(number));
        }
        return numbers;
    }

    /** Reads the numbers in front of the contents in pax format 1.0: how many pairs there are, then each on a line. */
    static List<Long> lines(Stored stored, int most) throws IOException {
        List<Long> numbers = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        byte[] block = new byte[TarHeader.BLOCK];
        long wanted = 1;
        for (int bytes = 0; numbers.size() < wanted; bytes += block.length) {
            if (bytes >= most) {
                throw malformed();
            }
            for (int got = 0; got < block.length; ) {
                int read = stored.read(block, got, block.length - got);
                if (read < 0) {
                    throw malformed();
                }
                got += read;
            }
            for (char c : new String(block, StandardCharsets.ISO_8859_1).toCharArray()) {
                if (numbers.size() == wanted) {
                    break;
                }
                if (c != '\n') {
                    line.append(c);
                    continue;
                }
                numbers.add(number(line.toString()));
                line.setLength(0);
                if (numbers.size() == 1) {
                    wanted = 1 + 2 * numbers.getFirst();
                }
            }
        }
        return numbers.subList(1, numbers.size());
    }

    /** Reads the numbers of GNU's old format, in the header and in blocks behind it. */
    static List<Long> old(TarHeader header, Stored behind, int most) throws IOException {
        List<Long> numbers = new ArrayList<>();
        header.pairs(386, OLD_IN_HEADER, numbers);
        boolean goesOn = header.flag(482);
        for (int bytes = 0; goesOn; bytes += TarHeader.BLOCK) {
            byte[] block = new byte[TarHeader.BLOCK];
            if (bytes >= most || behind.read(block, 0, block.length) < block.length) {
                throw malformed();
            }
            TarHeader more = new TarHeader(block);
            more.pairs(0, OLD_IN_BLOCK, numbers);
            goesOn = more.flag(OLD_IN_BLOCK * PAIR_BYTES);
        }
        return numbers;
    }

    static long number(String text) throws LayerFormatException {
        if (text.isEmpty() || text.length() > 18 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw malformed();
        }
        return Long.parseLong(text);
    }

    static LayerFormatException malformed() {
        return new LayerFormatException("a sparse file's map is malformed");
    }
}
