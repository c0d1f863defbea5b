// SPDX-License-Identifier: Apache-2.0
package org.plurality.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Calls functions of the C library, for one thread at a time. The JVM needs {@code --enable-native-access=ALL-UNNAMED}.
 *
 * <p>All are called in one way, with five words whatever they take. On x86-64 and aarch64 integers and pointers travel in registers, a
 * function looks at those of its own arguments only, variable ones too, and at the lower half of one that is an {@code int}. The JVM makes some forty
 * classes for each signature that it links, at each start: a dozen signatures cost a third of a second, more than unpacking a small image.
 *
 * <p>No call is linked as critical: each may wait for a network filesystem, and a critical call holds up every safepoint meanwhile. Data
 * is copied into native memory instead, which costs a tenth of the write.
 */
final class CLibrary {
    static final int PATH_MAX = 4096;

    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final long ERRNO = STATE.byteOffset(PathElement.groupElement("errno"));
    private static final MethodHandle CALL = Linker.nativeLinker()
            .downcallHandle(
                    FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                    Linker.Option.captureCallState("errno"));

    private static final Function CLOSE = Function.ofInt("close");

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment state = arena.allocate(STATE);

    /**
     * @param name for errors
     * @param isLong whether it returns a {@code long} or {@code ssize_t}, not an {@code int}
     */
    record Function(String name, MemorySegment address, boolean isLong) {
        static Function ofInt(String name) {
            return new Function(name, lookUp(name), false);
        }

        static Function ofLong(String name) {
            return ofLong(name, name);
        }

        static Function ofLong(String symbol, String name) {
            return new Function(name, lookUp(symbol), true);
        }

        private static MemorySegment lookUp(String name) {
            return Linker.nativeLinker()
                    .defaultLookup()
                    .find(name)
                    .orElseThrow(() -> new UnsatisfiedLinkError("the C library lacks " + name));
        }
    }

    /** Memory that calls may point to: it lives as long as any of them lasts, because the call's own state is of the same arena. */
    MemorySegment allocate(long bytes) {
        return arena.allocate(bytes, ValueLayout.JAVA_LONG.byteAlignment());
    }

    long call(Function function, long first, long second, long third) throws PosixException {
        return call(function, first, second, third, 0, 0);
    }

    /** Again after EINTR. @return not -1 */
    long call(Function function, long first, long second, long third, long fourth, long fifth) throws PosixException {
        while (true) {
            long result = once(function, first, second, third, fourth, fifth);
            if (result != -1) {
                return result;
            }
            if (Errno.of(errno()) != Errno.EINTR) {
                throw new PosixException(function.name, errno());
            }
        }
    }

    /** @return -1 with {@link #errno} */
    long once(Function function, long first, long second, long third, long fourth, long fifth) {
        try {
            long result = (long) CALL.invokeExact(function.address, state, first, second, third, fourth, fifth);
            return function.isLong ? result : (int) result;
        } catch (Throwable e) {
            throw new AssertionError("a linked call throws nothing of its own", e);
        }
    }

    /** Of the last call. */
    int errno() {
        return state.get(JAVA_INT, ERRNO);
    }

    /** After EINTR Linux has closed it all the same: a second call could close somebody else's. */
    void close(int file) throws PosixException {
        if (once(CLOSE, file, 0, 0, 0, 0) == -1 && Errno.of(errno()) != Errno.EINTR) {
            throw new PosixException("close", errno());
        }
    }

    /** The text as C has it, in a buffer of {@link #PATH_MAX} bytes. @return the buffer's address */
    static long terminated(ByteString text, MemorySegment buffer, Function function) throws PosixException {
        byte[] bytes = text.shared();
        if (bytes.length >= PATH_MAX) {
            throw new PosixException(function.name, Errno.ENAMETOOLONG);
        }
        MemorySegment.copy(bytes, 0, buffer, JAVA_BYTE, 0, bytes.length);
        buffer.set(JAVA_BYTE, bytes.length, (byte) 0);
        return buffer.address();
    }
}
