// SPDX-License-Identifier: Apache-2.0
package org.plurality.posix;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * A file's name, path or link target as the kernel has it: bytes in no particular encoding. Immutable; equal when the bytes are;
 * ordered by unsigned bytes.
 */
public final class ByteString implements Comparable<ByteString> {
    private static final int MOST_SHOWN = 160;

    private final byte[] bytes;
    private final int hash;

    private ByteString(byte[] bytes) {
        this.bytes = bytes;
        this.hash = Arrays.hashCode(bytes);
    }

    public static ByteString utf8(String text) {
        return new ByteString(text.getBytes(StandardCharsets.UTF_8));
    }

    public static ByteString copyOf(byte[] bytes) {
        return new ByteString(bytes.clone());
    }

    public static ByteString copyOf(byte[] bytes, int from, int to) {
        return new ByteString(Arrays.copyOfRange(bytes, from, to));
    }

    public int length() {
        return bytes.length;
    }

    public boolean isEmpty() {
        return bytes.length == 0;
    }

    public byte at(int index) {
        return bytes[index];
    }

    public int indexOf(char ascii, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] == ascii) {
                return i;
            }
        }
        return -1;
    }

    public boolean startsWith(ByteString prefix) {
        return bytes.length >= prefix.bytes.length
                && Arrays.equals(bytes, 0, prefix.bytes.length, prefix.bytes, 0, prefix.bytes.length);
    }

    public ByteString substring(int from, int to) {
        return copyOf(bytes, from, to);
    }

    public ByteString concat(ByteString tail) {
        byte[] joined = Arrays.copyOf(bytes, bytes.length + tail.bytes.length);
        System.arraycopy(tail.bytes, 0, joined, bytes.length, tail.bytes.length);
        return new ByteString(joined);
    }

    /** Copies the first bytes of it. */
    public void copyTo(byte[] target, int at, int count) {
        System.arraycopy(bytes, 0, target, at, count);
    }

    public byte[] toByteArray() {
        return bytes.clone();
    }

    /** The text, when the bytes are well-formed UTF-8. */
    public Optional<String> toUtf8() {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /** For messages: printable ASCII as it is, every other byte as {@code \xNN}, long ones cut. */
    @Override
    public String toString() {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < bytes.length; i++) {
            if (i == MOST_SHOWN) {
                return shown.append("…").toString();
            }
            if (bytes[i] >= ' ' && bytes[i] < 0x7f && bytes[i] != '\\') {
                shown.append((char) bytes[i]);
            } else {
                shown.append(String.format("\\x%02x", bytes[i] & 0xff));
            }
        }
        return shown.toString();
    }

    @Override
    public int compareTo(ByteString other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ByteString that && hash == that.hash && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /** The bytes themselves, for the calls in this package, which only read them. */
    byte[] shared() {
        return bytes;
    }
}
