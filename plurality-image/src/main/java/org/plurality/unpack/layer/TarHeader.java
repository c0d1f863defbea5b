// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.layer;

import java.util.Arrays;
import java.util.List;
import org.plurality.posix.ByteString;

/**
 * One 512-byte header block: v7, ustar, GNU or star. Accessors fail when a field that matters is malformed; an owner
 * that is malformed is nobody, and device numbers are never looked at.
 */
final class TarHeader {
    static final int BLOCK = 512;

    /** Latest time that is kept: NFS version 3 has 32 bits for it. */
    private static final long MAX_SECONDS = 0xffffffffL;

    /** Small enough that sizes can be added. */
    private static final long MAX_SIZE = 1L << 60;

    private final byte[] block;

    TarHeader(byte[] block) {
        this.block = block;
    }

    static final int NOBODY = 65534;

    /** The largest owner; all bits set means "leave it as it is" to the kernel. */
    private static final long MAX_ID = 0xfffffffeL;

    static int id(long id) {
        return id < 0 || id > MAX_ID ? NOBODY : (int) id;
    }

    static long clampSeconds(long seconds) {
        return Math.clamp(seconds, 0L, MAX_SECONDS);
    }

    boolean isZero() {
        return Arrays.mismatch(block, new byte[BLOCK]) < 0;
    }

    /** Some old writers summed signed bytes. */
    void verifyChecksum() throws LayerFormatException {
        long unsigned = 0;
        long signed = 0;
        for (int i = 0; i < BLOCK; i++) {
            byte value = i >= 148 && i < 156 ? (byte) ' ' : block[i];
            unsigned += value & 0xff;
            signed += value;
        }
        long expected = number(148, 8, "checksum");
        if (expected != unsigned && expected != signed) {
            throw new LayerFormatException("a tar header's checksum is wrong");
        }
    }

    char type() {
        return (char) (block[156] & 0xff);
    }

    ByteString name() {
        ByteString name = text(0, 100);
        boolean ustar = magic("ustar\u0000");
        boolean isPrefixed = ustar ? block[345] != 0 : magic("ustar  \u0000") && hasPrefixOfOldGo();
        boolean star = ustar && block[508] == 't' && block[509] == 'a' && block[510] == 'r' && block[511] == 0;
        if (isPrefixed) {
            return text(345, star ? 131 : 155).concat(ByteString.utf8("/")).concat(name);
        }
        return name;
    }

    /**
     * Whether a header of GNU's format has ustar's prefix in the place of its times of access and change: Go wrote
     * such ones before 1.8, and so did the Docker of that time. As Go's reader decides it: one of the times is no
     * number, and the prefix is plain text.
     */
    private boolean hasPrefixOfOldGo() {
        try {
            long _ = block[345] == 0 ? 0 : number(345, 12, "time");
            long _ = block[357] == 0 ? 0 : number(357, 12, "time");
            return false;
        } catch (LayerFormatException e) {
            for (int i = 345; i < 500 && block[i] != 0; i++) {
                if (block[i] < 0) {
                    return false;
                }
            }
            return block[345] != 0;
        }
    }

    ByteString linkName() {
        return text(157, 100);
    }

    int mode() throws LayerFormatException {
        return (int) (number(100, 8, "mode") & 07777);
    }

    int uid() {
        return owner(108);
    }

    int gid() {
        return owner(116);
    }

    private int owner(int offset) {
        try {
            return id(number(offset, 8, "owner"));
        } catch (LayerFormatException e) {
            return NOBODY;
        }
    }

    long size() throws LayerFormatException {
        long size = number(124, 12, "size");
        if (size < 0) {
            throw new LayerFormatException("a tar header has a negative size");
        }
        if (size > MAX_SIZE) {
            throw new LayerFormatException("a tar header has an absurd size");
        }
        return size;
    }

    long seconds() throws LayerFormatException {
        return clampSeconds(number(136, 12, "time"));
    }

    /** Appends pairs of numbers of twelve bytes each, up to the first whose length is empty. */
    void pairs(int offset, int most, List<Long> numbers) throws LayerFormatException {
        for (int at = offset; at < offset + 24 * most && block[at + 12] != 0; at += 24) {
            numbers.add(number(at, 12, "place"));
            numbers.add(number(at + 12, 12, "length"));
        }
    }

    boolean flag(int offset) {
        return block[offset] != 0;
    }

    /** The whole size of a sparse file of GNU's old format. */
    long sparseSize() throws LayerFormatException {
        long size = number(483, 12, "size");
        if (size < 0 || size > MAX_SIZE) {
            throw SparseMap.malformed();
        }
        return size;
    }

    private boolean magic(String magic) {
        for (int i = 0; i < magic.length(); i++) {
            if (block[257 + i] != magic.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private ByteString text(int offset, int length) {
        int end = offset;
        while (end < offset + length && block[end] != 0) {
            end++;
        }
        return ByteString.copyOf(block, offset, end);
    }

    /**
     * Octal, padded with spaces and NULs; or, with the first bit set, two's complement of all other bits (GNU, star).
     */
    private long number(int offset, int length, String what) throws LayerFormatException {
        if ((block[offset] & 0x80) != 0) {
            return binary(offset, length, what);
        }
        int at = offset;
        int end = offset + length;
        while (at < end && block[at] == ' ') {
            at++;
        }
        long value = 0;
        while (at < end && block[at] >= '0' && block[at] <= '7') {
            value = value << 3 | (block[at++] - '0');
        }
        while (at < end && (block[at] == ' ' || block[at] == 0)) {
            at++;
        }
        if (at < end) {
            throw new LayerFormatException("a tar header has a malformed " + what);
        }
        return value;
    }

    private long binary(int offset, int length, String what) throws LayerFormatException {
        boolean negative = (block[offset] & 0x40) != 0;
        long value = negative ? -1 : 0;
        for (int i = 0; i < length; i++) {
            int next = i == 0 ? (block[offset] & 0x7f) | (negative ? 0x80 : 0) : block[offset + i] & 0xff;
            if (value > Long.MAX_VALUE >> 8 || value < Long.MIN_VALUE >> 8) {
                throw new LayerFormatException("a tar header has an absurd " + what);
            }
            value = value << 8 | next;
        }
        return value;
    }
}
