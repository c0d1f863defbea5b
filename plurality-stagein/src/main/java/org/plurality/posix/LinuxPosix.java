package org.plurality.posix;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
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
import java.util.ArrayList;
import java.util.List;

/**
 * The C library's calls. The JVM needs {@code --enable-native-access=ALL-UNNAMED}.
 *
 * <p>No call is linked as critical: each may wait for a network filesystem, and a critical call holds up every safepoint meanwhile. Data
 * is copied into native memory instead, which costs a tenth of the write.
 */
public final class LinuxPosix implements Posix {
    private static final int PATH_MAX = 4096;
    private static final int DATA_BYTES = 256 << 10;

    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));

    private static final MethodHandle OPENAT =
            link("openat", 3, FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
    private static final MethodHandle WRITE =
            link("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle CLOSE = link("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle MKDIRAT =
            link("mkdirat", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle SYMLINKAT =
            link("symlinkat", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS));
    private static final MethodHandle LINKAT =
            link("linkat", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle RENAMEAT =
            link("renameat", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS));
    private static final MethodHandle UNLINKAT =
            link("unlinkat", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle FCHMOD = link("fchmod", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle FUTIMENS = link("futimens", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle UTIMENSAT =
            link("utimensat", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
    private static final MethodHandle FSETXATTR =
            link("fsetxattr", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle SYNCFS = link("syncfs", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment state = arena.allocate(STATE);
    private final MemorySegment name = arena.allocate(PATH_MAX);
    private final MemorySegment secondName = arena.allocate(PATH_MAX);
    private final MemorySegment times = arena.allocate(JAVA_LONG, 4);
    private final MemorySegment data = arena.allocate(DATA_BYTES);

    @FunctionalInterface
    private interface NativeCall {
        long invoke() throws Throwable;
    }

    @Override
    public int openat(int directory, ByteString name, int flags, int mode) throws PosixException {
        MemorySegment path = terminated(name, this.name, "openat");
        return (int) call("openat", () -> (int) OPENAT.invokeExact(state, directory, path, flags, mode));
    }

    @Override
    public void write(int file, byte[] buffer, int offset, int length) throws PosixException {
        int written = 0;
        while (written < length) {
            int part = Math.min(length - written, DATA_BYTES);
            MemorySegment.copy(buffer, offset + written, data, JAVA_BYTE, 0, part);
            written += (int) call("write", () -> (long) WRITE.invokeExact(state, file, data, (long) part));
        }
    }

    @Override
    public void close(int file) throws PosixException {
        try {
            long result = (int) CLOSE.invokeExact(state, file);
            // After EINTR Linux has closed it all the same: a second call could close somebody else's.
            if (result == -1 && errno() != Errno.EINTR) {
                throw new PosixException("close", (int) ERRNO.get(state, 0L));
            }
        } catch (PosixException e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void mkdirat(int directory, ByteString name, int mode) throws PosixException {
        MemorySegment path = terminated(name, this.name, "mkdirat");
        call("mkdirat", () -> (int) MKDIRAT.invokeExact(state, directory, path, mode));
    }

    @Override
    public void symlinkat(ByteString target, int directory, ByteString name) throws PosixException {
        MemorySegment path = terminated(name, this.name, "symlinkat");
        MemorySegment text = terminated(target, secondName, "symlinkat");
        call("symlinkat", () -> (int) SYMLINKAT.invokeExact(state, text, directory, path));
    }

    @Override
    public void linkat(int fromDirectory, ByteString from, int toDirectory, ByteString to) throws PosixException {
        MemorySegment existing = terminated(from, name, "linkat");
        MemorySegment path = terminated(to, secondName, "linkat");
        call("linkat", () -> (int) LINKAT.invokeExact(state, fromDirectory, existing, toDirectory, path, 0));
    }

    @Override
    public void renameat(int fromDirectory, ByteString from, int toDirectory, ByteString to) throws PosixException {
        MemorySegment existing = terminated(from, name, "renameat");
        MemorySegment path = terminated(to, secondName, "renameat");
        call("renameat", () -> (int) RENAMEAT.invokeExact(state, fromDirectory, existing, toDirectory, path));
    }

    @Override
    public void unlinkat(int directory, ByteString name, int flags) throws PosixException {
        MemorySegment path = terminated(name, this.name, "unlinkat");
        call("unlinkat", () -> (int) UNLINKAT.invokeExact(state, directory, path, flags));
    }

    @Override
    public void fchmod(int file, int mode) throws PosixException {
        call("fchmod", () -> (int) FCHMOD.invokeExact(state, file, mode));
    }

    @Override
    public void futimens(int file, long seconds, int nanoseconds) throws PosixException {
        setTimes(seconds, nanoseconds);
        call("futimens", () -> (int) FUTIMENS.invokeExact(state, file, times));
    }

    @Override
    public void utimensat(int directory, ByteString name, long seconds, int nanoseconds) throws PosixException {
        MemorySegment path = terminated(name, this.name, "utimensat");
        setTimes(seconds, nanoseconds);
        call("utimensat", () -> (int) UTIMENSAT.invokeExact(state, directory, path, times, Fcntl.AT_SYMLINK_NOFOLLOW));
    }

    @Override
    public void fsetxattr(int file, ByteString name, ByteString value) throws PosixException {
        MemorySegment attribute = terminated(name, this.name, "fsetxattr");
        byte[] bytes = value.shared();
        if (bytes.length > DATA_BYTES) {
            throw new PosixException("fsetxattr", Errno.E2BIG);
        }
        MemorySegment.copy(bytes, 0, data, JAVA_BYTE, 0, bytes.length);
        call("fsetxattr", () -> (int) FSETXATTR.invokeExact(state, file, attribute, data, (long) bytes.length, 0));
    }

    @Override
    public void syncfs(int file) throws PosixException {
        call("syncfs", () -> (int) SYNCFS.invokeExact(state, file));
    }

    /** struct timespec [2] is four longs on both architectures: access, then modification. */
    private void setTimes(long seconds, long nanoseconds) {
        times.setAtIndex(JAVA_LONG, 0, seconds);
        times.setAtIndex(JAVA_LONG, 1, nanoseconds);
        times.setAtIndex(JAVA_LONG, 2, seconds);
        times.setAtIndex(JAVA_LONG, 3, nanoseconds);
    }

    private static MemorySegment terminated(ByteString text, MemorySegment buffer, String call) throws PosixException {
        byte[] bytes = text.shared();
        if (bytes.length >= PATH_MAX) {
            throw new PosixException(call, Errno.ENAMETOOLONG);
        }
        MemorySegment.copy(bytes, 0, buffer, JAVA_BYTE, 0, bytes.length);
        buffer.set(JAVA_BYTE, bytes.length, (byte) 0);
        return buffer;
    }

    private long call(String function, NativeCall call) throws PosixException {
        try {
            while (true) {
                long result = call.invoke();
                if (result != -1) {
                    return result;
                }
                if (errno() != Errno.EINTR) {
                    throw new PosixException(function, (int) ERRNO.get(state, 0L));
                }
            }
        } catch (PosixException e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a linked call throws nothing of its own", e);
        }
    }

    private Errno errno() {
        return Errno.of((int) ERRNO.get(state, 0L));
    }

    private static MethodHandle link(String function, FunctionDescriptor descriptor) {
        return link(function, -1, descriptor);
    }

    private static MethodHandle link(String function, int firstVariadic, FunctionDescriptor descriptor) {
        List<Linker.Option> options = new ArrayList<>(List.of(Linker.Option.captureCallState("errno")));
        if (firstVariadic >= 0) {
            options.add(Linker.Option.firstVariadicArg(firstVariadic));
        }
        Linker linker = Linker.nativeLinker();
        MemorySegment address = linker.defaultLookup()
                .find(function)
                .orElseThrow(() -> new UnsatisfiedLinkError("the C library lacks " + function));
        return linker.downcallHandle(address, descriptor, options.toArray(Linker.Option[]::new));
    }
}
