// SPDX-License-Identifier: Apache-2.0
package org.plurality.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Optional;
import org.plurality.posix.CLibrary.Function;

/**
 * ISA-L's inflate (igzip_lib.h, soname libisal.so.2): raw deflate, in half the processor time of the JDK's zlib. For one
 * thread at a time.
 *
 * <p>Three fields of its state are read besides those that every caller sets, at offsets that this soname has had since 2.21; who takes a library into use
 * tries it on a stream that is known first.
 */
public final class IgzipLibrary {
    /** Of one call. */
    public static final int INPUT_BYTES = 64 << 10;

    /** Of one call. */
    public static final int OUTPUT_BYTES = 128 << 10;

    private static final String SONAME = "libisal.so.2";

    // struct inflate_state, on the ABIs of x86-64 and aarch64. It has 87,368 bytes in 2.30; a later one may have grown
    // at its end.
    private static final int STATE_BYTES = 128 << 10;
    private static final long NEXT_OUT = 0;
    private static final long AVAIL_OUT = 8;
    private static final long NEXT_IN = 16;
    private static final long READ_IN = 24;
    private static final long AVAIL_IN = 32;
    private static final long READ_IN_LENGTH = 36;
    private static final long BLOCK_STATE = 21160;
    private static final int BLOCK_FINISH = 5;

    private final CLibrary library = new CLibrary();
    private final Function inflateFunction;
    private final Function resetFunction;
    private final MemorySegment state = library.allocate(STATE_BYTES);
    private final MemorySegment input = library.allocate(INPUT_BYTES);
    private final MemorySegment output = library.allocate(OUTPUT_BYTES);

    private IgzipLibrary(SymbolLookup symbols) {
        inflateFunction = function(symbols, "isal_inflate");
        resetFunction = function(symbols, "isal_inflate_reset");
        library.once(function(symbols, "isal_inflate_init"), state.address(), 0, 0, 0, 0);
    }

    /** Where the dynamic linker finds it, with a state of its own. */
    public static Optional<IgzipLibrary> open() {
        try {
            return Optional.of(new IgzipLibrary(SymbolLookup.libraryLookup(SONAME, Arena.global())));
        } catch (IllegalArgumentException | UnsatisfiedLinkError e) {
            return Optional.empty();
        }
    }

    private static Function function(SymbolLookup symbols, String name) {
        return new Function(name, symbols.find(name).orElseThrow(() -> new UnsatisfiedLinkError(name)), false);
    }

    /** Begins another stream; what was not read of the last one's input is forgotten. */
    public void reset() {
        library.once(resetFunction, state.address(), 0, 0, 0, 0);
        state.set(JAVA_INT, AVAIL_IN, 0);
    }

    /**
     * The input that follows what was set before, all of which was read.
     *
     * @param length at most {@value #INPUT_BYTES}
     */
    public void setInput(byte[] bytes, int offset, int length) {
        MemorySegment.copy(bytes, offset, input, JAVA_BYTE, 0, length);
        state.set(JAVA_LONG, NEXT_IN, input.address());
        state.set(JAVA_INT, AVAIL_IN, length);
    }

    /**
     * Decompresses at most {@value #OUTPUT_BYTES} bytes.
     *
     * @return ISA-L's own status: negative when the stream is damaged
     */
    public int inflate(byte[] bytes, int offset, int length) {
        int room = Math.min(length, OUTPUT_BYTES);
        state.set(JAVA_LONG, NEXT_OUT, output.address());
        state.set(JAVA_INT, AVAIL_OUT, room);
        int status = (int) library.once(inflateFunction, state.address(), 0, 0, 0, 0);
        if (status < 0) {
            return status;
        }
        int inflated = room - state.get(JAVA_INT, AVAIL_OUT);
        MemorySegment.copy(output, JAVA_BYTE, 0, bytes, offset, inflated);
        return inflated;
    }

    /** Whether it came to the end of the stream, and handed all of it out. */
    public boolean isFinished() {
        return state.get(JAVA_INT, BLOCK_STATE) == BLOCK_FINISH;
    }

    /** Bytes of the input that it has not looked at. */
    public int remaining() {
        return state.get(JAVA_INT, AVAIL_IN);
    }

    /**
     * Bytes that it took from the input but that are none of the stream's, once it is {@linkplain #isFinished() finished}: at most eight, in
     * their order, just before {@code end}.
     *
     * @return how many
     */
    public int unread(byte[] bytes, int end) {
        int bits = state.get(JAVA_INT, READ_IN_LENGTH);
        int count = bits / Byte.SIZE;
        long ahead = state.get(JAVA_LONG, READ_IN) >>> (bits % Byte.SIZE);
        for (int i = 0; i < count; i++) {
            bytes[end - count + i] = (byte) (ahead >>> (i * Byte.SIZE));
        }
        return count;
    }
}
