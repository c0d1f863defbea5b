// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.layer;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;

/**
 * Decompresses gzip of any number of members, and checks each one's length and CRC. After the last member only zeros may follow.
 *
 * <p>The JDK's own stream takes {@code available() == 0} for the end and so drops members that have not arrived yet.
 */
final class GzipStream extends InputStream {
    private static final int FHCRC = 2;
    private static final int FEXTRA = 4;
    private static final int FNAME = 8;
    private static final int FCOMMENT = 16;
    private static final int MAX_NAME = 64 << 10;

    private final InputStream in;
    private final Inflation inflation;
    private final CRC32 crc = new CRC32();
    /** In front of what was read is room for what the last stream gives back of what was there before. */
    private final byte[] buffer = new byte[Inflation.MOST_UNREAD + (64 << 10)];

    private int position;
    private int limit;
    private long length;
    private boolean inMember;
    private boolean ended;

    GzipStream(InputStream in) {
        this(in, Inflation.create());
    }

    GzipStream(InputStream in, Inflation inflation) {
        this.in = in;
        this.inflation = inflation;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] output, int offset, int length) throws IOException {
        while (!ended && length > 0) {
            if (!inMember && !beginMember()) {
                ended = true;
                break;
            }
            int inflated = inflate(output, offset, length);
            if (inflated > 0) {
                crc.update(output, offset, inflated);
                this.length += inflated;
            }
            if (inflation.isFinished()) {
                endMember();
            }
            if (inflated > 0) {
                return inflated;
            }
        }
        return length == 0 ? 0 : -1;
    }

    @Override
    public void close() throws IOException {
        ended = true;
        inflation.close();
        in.close();
    }

    private int inflate(byte[] output, int offset, int length) throws IOException {
        try {
            int inflated = inflation.inflate(output, offset, length);
            if (inflated == 0 && inflation.needsInput() && !inflation.isFinished()) {
                if (!fill()) {
                    throw truncated();
                }
                handOver();
            }
            return inflated;
        } catch (DataFormatException e) {
            throw new LayerFormatException("its gzip data is damaged (" + e.getMessage() + ")");
        }
    }

    /** Reads a member's header; false at the end of the stream. */
    private boolean beginMember() throws IOException {
        int first = next();
        if (first == 0) {
            int padding = 0;
            while (padding == 0) {
                padding = next();
            }
            if (padding < 0) {
                return false;
            }
            throw new LayerFormatException("other data follows its gzip data");
        }
        if (first < 0) {
            return false;
        }
        if (first != 0x1f || required() != 0x8b) {
            throw new LayerFormatException("other data follows its gzip data");
        }
        if (required() != 8) {
            throw new LayerFormatException("its gzip data has an unknown method");
        }
        int flags = required();
        for (int i = 0; i < 6; i++) {
            required();
        }
        if ((flags & FEXTRA) != 0) {
            int extra = required() | required() << 8;
            for (int i = 0; i < extra; i++) {
                required();
            }
        }
        if ((flags & FNAME) != 0) {
            skipText();
        }
        if ((flags & FCOMMENT) != 0) {
            skipText();
        }
        if ((flags & FHCRC) != 0) {
            required();
            required();
        }
        inflation.reset();
        handOver();
        crc.reset();
        length = 0;
        inMember = true;
        return true;
    }

    private void handOver() {
        inflation.setInput(buffer, position, limit - position);
        position = limit;
    }

    private void endMember() throws IOException {
        position = limit - inflation.unread(buffer, limit);
        long expectedCrc = littleEndian();
        long expectedLength = littleEndian();
        if (expectedCrc != crc.getValue() || expectedLength != (length & 0xffffffffL)) {
            throw new LayerFormatException("its gzip data is damaged (checksum)");
        }
        inMember = false;
    }

    private long littleEndian() throws IOException {
        long value = 0;
        for (int i = 0; i < 4; i++) {
            value |= (long) required() << (8 * i);
        }
        return value;
    }

    private void skipText() throws IOException {
        for (int i = 0; required() != 0; i++) {
            if (i > MAX_NAME) {
                throw new LayerFormatException("its gzip header is too long");
            }
        }
    }

    private int required() throws IOException {
        int next = next();
        if (next < 0) {
            throw truncated();
        }
        return next;
    }

    private int next() throws IOException {
        if (position == limit && !fill()) {
            return -1;
        }
        return buffer[position++] & 0xff;
    }

    private boolean fill() throws IOException {
        int read = in.read(buffer, Inflation.MOST_UNREAD, buffer.length - Inflation.MOST_UNREAD);
        position = Inflation.MOST_UNREAD;
        limit = position + Math.max(0, read);
        return read > 0;
    }

    private static LayerFormatException truncated() {
        return new LayerFormatException("its gzip data ends too early", "pull it again");
    }
}
