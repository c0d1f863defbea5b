// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.layer;

import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import org.plurality.posix.IgzipLibrary;

/**
 * ISA-L's, where its library is. The environment's {@code PLURALITY_ISAL=0} does without; so does a library that proves to be another than
 * the one that is meant.
 */
final class IgzipInflation implements Inflation {
    private static final boolean USABLE = !"0".equals(System.getenv("PLURALITY_ISAL")) && works();

    private final IgzipLibrary library = IgzipLibrary.open().orElseThrow();
    private byte[] pending = new byte[0];
    private int position;
    private int limit;

    static boolean isUsable() {
        return USABLE;
    }

    @Override
    public void reset() {
        library.reset();
        position = limit;
    }

    @Override
    public void setInput(byte[] bytes, int offset, int length) {
        pending = bytes;
        position = offset;
        limit = offset + length;
        hand();
    }

    @Override
    public int inflate(byte[] output, int offset, int length) throws DataFormatException {
        if (isFinished()) {
            return 0;
        }
        if (library.remaining() == 0) {
            hand();
        }
        int before = library.remaining();
        int inflated = library.inflate(output, offset, length);
        if (inflated == 0 && before > 0 && before == library.remaining() && !isFinished()) {
            throw new DataFormatException("no way on");
        }
        if (inflated < 0) {
            throw new DataFormatException(
                    switch (inflated) {
                        case -1 -> "invalid block";
                        case -2 -> "invalid symbol";
                        case -3 -> "invalid distance";
                        default -> "status " + inflated;
                    });
        }
        return inflated;
    }

    @Override
    public boolean needsInput() {
        return library.remaining() == 0 && position == limit;
    }

    @Override
    public boolean isFinished() {
        return library.isFinished();
    }

    @Override
    public int unread(byte[] bytes, int end) {
        int untouched = limit - position + library.remaining();
        return untouched + library.unread(bytes, end - untouched);
    }

    @Override
    public void close() {
        // Its memory goes with it.
    }

    private void hand() {
        int part = Math.min(limit - position, IgzipLibrary.INPUT_BYTES);
        library.setInput(pending, position, part);
        position += part;
    }

    /** Two streams, one after the other, the first with its end in a second piece of input and with something behind it. */
    private static boolean works() {
        if (IgzipLibrary.open().isEmpty()) {
            return false;
        }
        byte[] text = new byte[3000];
        for (int i = 0; i < text.length; i++) {
            text[i] = (byte) ((i * i) >> 9);
        }
        byte[] stream = new byte[2 * text.length];
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        deflater.setInput(text);
        deflater.finish();
        int length = deflater.deflate(stream);
        deflater.end();
        Arrays.fill(stream, length, length + MOST_UNREAD, (byte) 0x5a);
        try {
            IgzipInflation tried = new IgzipInflation();
            return tried.reads(stream, length, length / 2, text) && tried.reads(stream, length, length - 1, text);
        } catch (DataFormatException | IndexOutOfBoundsException e) {
            return false;
        }
    }

    /** Whether a stream, cut in two pieces of input, gives the text, and all that follows it back. */
    private boolean reads(byte[] stream, int length, int cut, byte[] text) throws DataFormatException {
        reset();
        byte[] got = new byte[text.length + 1];
        setInput(stream, 0, cut);
        int size = inflate(got, 0, got.length);
        if (isFinished() || !needsInput()) {
            return false;
        }
        setInput(stream, cut, length + MOST_UNREAD - cut);
        size += inflate(got, size, got.length - size);
        byte[] behind = stream.clone();
        boolean isWhole = isFinished() && Arrays.equals(text, 0, text.length, got, 0, size);
        return isWhole && unread(behind, length + MOST_UNREAD) == MOST_UNREAD && Arrays.equals(behind, stream);
    }
}
