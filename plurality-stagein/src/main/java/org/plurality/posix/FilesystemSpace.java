package org.plurality.posix;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/**
 * What {@code statvfs} says of a filesystem: room for bytes and for files. The JDK asks for bytes only.
 *
 * @param freeBytes for users
 * @param inodes 0 where the filesystem does not count them
 * @param freeInodes for users
 */
public record FilesystemSpace(long bytes, long freeBytes, long inodes, long freeInodes) {
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));

    /** Of any 64-bit Linux: f_bsize, f_frsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree, f_favail, and more. */
    private static final int STRUCT_BYTES = 256;

    private static final MethodHandle STATVFS = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("statvfs"),
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS),
                    Linker.Option.captureCallState("errno"));

    /** @param file that is there */
    public static FilesystemSpace of(Path file) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment path = arena.allocateFrom(file.toString());
            MemorySegment struct = arena.allocate(STRUCT_BYTES, 8);
            int result;
            try {
                result = (int) STATVFS.invokeExact(state, path, struct);
            } catch (Throwable e) {
                throw new AssertionError("a linked call throws nothing of its own", e);
            }
            if (result != 0) {
                throw new PosixException("statvfs", (int) ERRNO.get(state, 0L));
            }
            long unit = struct.getAtIndex(JAVA_LONG, 1);
            return new FilesystemSpace(
                    unit * struct.getAtIndex(JAVA_LONG, 2),
                    unit * struct.getAtIndex(JAVA_LONG, 4),
                    struct.getAtIndex(JAVA_LONG, 5),
                    struct.getAtIndex(JAVA_LONG, 7));
        }
    }
}
