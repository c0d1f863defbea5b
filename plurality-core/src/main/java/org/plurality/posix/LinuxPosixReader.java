// SPDX-License-Identifier: Apache-2.0
package org.plurality.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.plurality.posix.CLibrary.terminated;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.plurality.posix.CLibrary.Function;

/** The C library's calls. {@code struct statx} and {@code struct linux_dirent64} are the same on x86-64 and aarch64. */
public final class LinuxPosixReader implements PosixReader {
    private static final int DATA_BYTES = 256 << 10;
    private static final int O_NONBLOCK = 0x800;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int DIRENT_LENGTH = 16;
    private static final int DIRENT_NAME = 19;

    private static final Function OPENAT = Function.ofInt("openat");
    private static final Function READ = Function.ofLong("read");
    // By its number, because the C library has a function for it only since glibc 2.30.
    private static final Function GETDENTS64 = Function.ofLong("syscall", "getdents64");
    private static final long SYS_GETDENTS64 = "aarch64".equals(System.getProperty("os.arch")) ? 61 : 217;
    private static final Function STATX = Function.ofInt("statx");
    private static final Function FLISTXATTR = Function.ofLong("flistxattr");
    private static final Function FGETXATTR = Function.ofLong("fgetxattr");
    private static final Function READLINKAT = Function.ofLong("readlinkat");

    private final CLibrary library = new CLibrary();
    private final MemorySegment name = library.allocate(CLibrary.PATH_MAX);
    private final MemorySegment text = library.allocate(CLibrary.PATH_MAX);
    private final MemorySegment status = library.allocate(256);
    private final MemorySegment data = library.allocate(DATA_BYTES);

    @Override
    public int openat(int directory, ByteString name, boolean isDirectory) throws PosixException {
        long path = terminated(name, this.name, OPENAT);
        int flags = Fcntl.O_RDONLY
                | Fcntl.O_NOFOLLOW
                | Fcntl.O_CLOEXEC
                | O_NONBLOCK
                | (isDirectory ? Fcntl.O_DIRECTORY : 0);
        return (int) library.call(OPENAT, directory, path, flags);
    }

    @Override
    public int read(int file, byte[] buffer, int offset, int length) throws PosixException {
        int part = Math.min(length, DATA_BYTES);
        int read = (int) library.call(READ, file, data.address(), part);
        MemorySegment.copy(data, JAVA_BYTE, 0, buffer, offset, read);
        return read;
    }

    @Override
    public void close(int file) throws PosixException {
        library.close(file);
    }

    @Override
    public List<ByteString> getdents64(int directory) throws PosixException {
        List<ByteString> names = new ArrayList<>();
        while (true) {
            long length = library.call(GETDENTS64, SYS_GETDENTS64, directory, data.address(), DATA_BYTES, 0);
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
        long path = terminated(name, this.name, STATX);
        int flags = Fcntl.AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH;
        library.call(STATX, directory, path, flags, STATX_BASIC_STATS, status.address());
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
    public List<ByteString> flistxattr(int file) throws PosixException {
        long length;
        try {
            length = library.call(FLISTXATTR, file, data.address(), DATA_BYTES);
        } catch (PosixException e) {
            if (e.errno() == Errno.EOPNOTSUPP) {
                return List.of();
            }
            throw e;
        }
        List<ByteString> names = new ArrayList<>();
        long start = 0;
        for (long at = 0; at < length; at++) {
            if (data.get(JAVA_BYTE, at) == 0) {
                names.add(ByteString.copyOf(data.asSlice(start, at - start).toArray(JAVA_BYTE)));
                start = at + 1;
            }
        }
        return names;
    }

    @Override
    public ByteString fgetxattr(int file, ByteString name) throws PosixException {
        long attribute = terminated(name, this.name, FGETXATTR);
        long length = library.call(FGETXATTR, file, attribute, data.address(), DATA_BYTES, 0);
        return ByteString.copyOf(data.asSlice(0, length).toArray(JAVA_BYTE));
    }

    @Override
    public ByteString readlinkat(int directory, ByteString name) throws PosixException {
        long path = terminated(name, this.name, READLINKAT);
        int length = (int) library.call(READLINKAT, directory, path, text.address(), CLibrary.PATH_MAX, 0);
        if (length >= CLibrary.PATH_MAX) {
            throw new PosixException(READLINKAT.name(), Errno.ENAMETOOLONG);
        }
        return ByteString.copyOf(text.asSlice(0, length).toArray(JAVA_BYTE));
    }
}
