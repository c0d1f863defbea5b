package org.plurality.posix;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

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

/** The C library's calls. {@code struct statx} and {@code struct linux_dirent64} are the same on x86-64 and aarch64. */
public final class LinuxPosixReader implements PosixReader {
    private static final int PATH_MAX = 4096;
    private static final int DATA_BYTES = 256 << 10;
    private static final int O_NONBLOCK = 0x800;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int DIRENT_LENGTH = 16;
    private static final int DIRENT_NAME = 19;

    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));

    private static final MethodHandle OPENAT = link(
            "openat", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT), Linker.Option.firstVariadicArg(3));
    private static final MethodHandle READ =
            link("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle CLOSE = link("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    // By its number, because the C library has a function for it only since glibc 2.30.
    private static final MethodHandle GETDENTS64 = link(
            "syscall",
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG),
            Linker.Option.firstVariadicArg(1));
    private static final long SYS_GETDENTS64 = "aarch64".equals(System.getProperty("os.arch")) ? 61 : 217;

    private static final MethodHandle STATX =
            link("statx", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle READLINKAT =
            link("readlinkat", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG));

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment state = arena.allocate(STATE);
    private final MemorySegment name = arena.allocate(PATH_MAX);
    private final MemorySegment text = arena.allocate(PATH_MAX);
    private final MemorySegment status = arena.allocate(256, 8);
    private final MemorySegment data = arena.allocate(DATA_BYTES);

    @FunctionalInterface
    private interface NativeCall {
        long invoke() throws Throwable;
    }

    @Override
    public int openat(int directory, ByteString name, boolean isDirectory) throws PosixException {
        MemorySegment path = terminated(name, "openat");
        int flags = Fcntl.O_RDONLY
                | Fcntl.O_NOFOLLOW
                | Fcntl.O_CLOEXEC
                | O_NONBLOCK
                | (isDirectory ? Fcntl.O_DIRECTORY : 0);
        return (int) call("openat", () -> (int) OPENAT.invokeExact(state, directory, path, flags));
    }

    @Override
    public int read(int file, byte[] buffer, int offset, int length) throws PosixException {
        int part = Math.min(length, DATA_BYTES);
        int read = (int) call("read", () -> (long) READ.invokeExact(state, file, data, (long) part));
        MemorySegment.copy(data, JAVA_BYTE, 0, buffer, offset, read);
        return read;
    }

    @Override
    public void close(int file) throws PosixException {
        try {
            int result = (int) CLOSE.invokeExact(state, file);
            // After EINTR Linux has closed it all the same.
            if (result == -1 && Errno.of(errno()) != Errno.EINTR) {
                throw new PosixException("close", errno());
            }
        } catch (PosixException e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public List<ByteString> getdents64(int directory) throws PosixException {
        List<ByteString> names = new ArrayList<>();
        while (true) {
            long length = call("getdents64", () ->
                    (long) GETDENTS64.invokeExact(state, SYS_GETDENTS64, directory, data, (long) DATA_BYTES));
            if (length == 0) {
                return names;
            }
            for (long at = 0; at < length; at += data.get(JAVA_SHORT, at + DIRENT_LENGTH) & 0xffff) {
                long end = at + DIRENT_NAME;
                while (data.get(JAVA_BYTE, end) != 0) {
                    end++;
                }
                byte[] bytes =
                        data.asSlice(at + DIRENT_NAME, end - at - DIRENT_NAME).toArray(JAVA_BYTE);
                boolean dots = bytes.length <= 2 && bytes[0] == '.' && bytes[bytes.length - 1] == '.';
                if (!dots) {
                    names.add(ByteString.copyOf(bytes));
                }
            }
        }
    }

    @Override
    public Status statx(int directory, ByteString name) throws PosixException {
        MemorySegment path = terminated(name, "statx");
        int flags = Fcntl.AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH;
        call("statx", () -> (int) STATX.invokeExact(state, directory, path, flags, STATX_BASIC_STATS, status));
        return new Status(
                status.get(JAVA_SHORT, 28) & 0xffff,
                status.get(JAVA_INT, 16) & 0xffffffffL,
                status.get(JAVA_INT, 20),
                status.get(JAVA_INT, 24),
                (long) status.get(JAVA_INT, 136) << 32 | (status.get(JAVA_INT, 140) & 0xffffffffL),
                status.get(JAVA_LONG_UNALIGNED, 32),
                status.get(JAVA_LONG_UNALIGNED, 40),
                status.get(JAVA_LONG_UNALIGNED, 112),
                status.get(JAVA_INT, 120));
    }

    @Override
    public ByteString readlinkat(int directory, ByteString name) throws PosixException {
        MemorySegment path = terminated(name, "readlinkat");
        int length = (int)
                call("readlinkat", () -> (long) READLINKAT.invokeExact(state, directory, path, text, (long) PATH_MAX));
        if (length >= PATH_MAX) {
            throw new PosixException("readlinkat", Errno.ENAMETOOLONG);
        }
        return ByteString.copyOf(text.asSlice(0, length).toArray(JAVA_BYTE));
    }

    private MemorySegment terminated(ByteString text, String call) throws PosixException {
        byte[] bytes = text.shared();
        if (bytes.length >= PATH_MAX) {
            throw new PosixException(call, Errno.ENAMETOOLONG);
        }
        MemorySegment.copy(bytes, 0, name, JAVA_BYTE, 0, bytes.length);
        name.set(JAVA_BYTE, bytes.length, (byte) 0);
        return name;
    }

    private long call(String function, NativeCall call) throws PosixException {
        try {
            while (true) {
                long result = call.invoke();
                if (result != -1) {
                    return result;
                }
                if (Errno.of(errno()) != Errno.EINTR) {
                    throw new PosixException(function, errno());
                }
            }
        } catch (PosixException e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a linked call throws nothing of its own", e);
        }
    }

    private int errno() {
        return (int) ERRNO.get(state, 0L);
    }

    private static MethodHandle link(String function, FunctionDescriptor descriptor, Linker.Option... more) {
        List<Linker.Option> options = new ArrayList<>(List.of(more));
        options.add(Linker.Option.captureCallState("errno"));
        Linker linker = Linker.nativeLinker();
        MemorySegment address = linker.defaultLookup()
                .find(function)
                .orElseThrow(() -> new UnsatisfiedLinkError("the C library lacks " + function));
        return linker.downcallHandle(address, descriptor, options.toArray(Linker.Option[]::new));
    }
}
