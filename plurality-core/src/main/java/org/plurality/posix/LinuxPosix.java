// SPDX-License-Identifier: Apache-2.0
package org.plurality.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.plurality.posix.CLibrary.terminated;

import java.lang.foreign.MemorySegment;
import org.plurality.posix.CLibrary.Function;

/** The C library's calls. */
public final class LinuxPosix implements Posix {
    private static final int DATA_BYTES = 256 << 10;

    private static final Function OPENAT = Function.ofInt("openat");
    private static final Function WRITE = Function.ofLong("write");
    private static final Function MKDIRAT = Function.ofInt("mkdirat");
    private static final Function SYMLINKAT = Function.ofInt("symlinkat");
    private static final Function LINKAT = Function.ofInt("linkat");
    private static final Function RENAMEAT = Function.ofInt("renameat");
    private static final Function UNLINKAT = Function.ofInt("unlinkat");
    private static final Function FCHMOD = Function.ofInt("fchmod");
    private static final Function FUTIMENS = Function.ofInt("futimens");
    private static final Function UTIMENSAT = Function.ofInt("utimensat");
    private static final Function FSETXATTR = Function.ofInt("fsetxattr");
    private static final Function FSYNC = Function.ofInt("fsync");
    private static final Function SYNCFS = Function.ofInt("syncfs");

    private final CLibrary library = new CLibrary();
    private final MemorySegment name = library.allocate(CLibrary.PATH_MAX);
    private final MemorySegment secondName = library.allocate(CLibrary.PATH_MAX);
    private final MemorySegment times = library.allocate(4 * Long.BYTES);
    private final MemorySegment data = library.allocate(DATA_BYTES);

    @Override
    public int openat(int directory, ByteString name, int flags, int mode) throws PosixException {
        return (int) library.call(OPENAT, directory, terminated(name, this.name, OPENAT), flags, mode, 0);
    }

    @Override
    public void write(int file, byte[] buffer, int offset, int length) throws PosixException {
        int written = 0;
        while (written < length) {
            int part = Math.min(length - written, DATA_BYTES);
            MemorySegment.copy(buffer, offset + written, data, JAVA_BYTE, 0, part);
            written += (int) library.call(WRITE, file, data.address(), part);
        }
    }

    @Override
    public void close(int file) throws PosixException {
        library.close(file);
    }

    @Override
    public void mkdirat(int directory, ByteString name, int mode) throws PosixException {
        library.call(MKDIRAT, directory, terminated(name, this.name, MKDIRAT), mode);
    }

    @Override
    public void symlinkat(ByteString target, int directory, ByteString name) throws PosixException {
        long path = terminated(name, this.name, SYMLINKAT);
        library.call(SYMLINKAT, terminated(target, secondName, SYMLINKAT), directory, path);
    }

    @Override
    public void linkat(int fromDirectory, ByteString from, int toDirectory, ByteString to) throws PosixException {
        long existing = terminated(from, name, LINKAT);
        library.call(LINKAT, fromDirectory, existing, toDirectory, terminated(to, secondName, LINKAT), 0);
    }

    @Override
    public void renameat(int fromDirectory, ByteString from, int toDirectory, ByteString to) throws PosixException {
        long existing = terminated(from, name, RENAMEAT);
        library.call(RENAMEAT, fromDirectory, existing, toDirectory, terminated(to, secondName, RENAMEAT), 0);
    }

    @Override
    public void unlinkat(int directory, ByteString name, int flags) throws PosixException {
        library.call(UNLINKAT, directory, terminated(name, this.name, UNLINKAT), flags);
    }

    @Override
    public void fchmod(int file, int mode) throws PosixException {
        library.call(FCHMOD, file, mode, 0);
    }

    @Override
    public void futimens(int file, long seconds, int nanoseconds) throws PosixException {
        setTimes(seconds, nanoseconds);
        library.call(FUTIMENS, file, times.address(), 0);
    }

    @Override
    public void utimensat(int directory, ByteString name, long seconds, int nanoseconds) throws PosixException {
        long path = terminated(name, this.name, UTIMENSAT);
        setTimes(seconds, nanoseconds);
        library.call(UTIMENSAT, directory, path, times.address(), Fcntl.AT_SYMLINK_NOFOLLOW, 0);
    }

    @Override
    public void fsetxattr(int file, ByteString name, ByteString value) throws PosixException {
        long attribute = terminated(name, this.name, FSETXATTR);
        byte[] bytes = value.shared();
        if (bytes.length > DATA_BYTES) {
            throw new PosixException(FSETXATTR.name(), Errno.E2BIG);
        }
        MemorySegment.copy(bytes, 0, data, JAVA_BYTE, 0, bytes.length);
        library.call(FSETXATTR, file, attribute, data.address(), bytes.length, 0);
    }

    @Override
    public void fsync(int file) throws PosixException {
        library.call(FSYNC, file, 0, 0);
    }

    @Override
    public void syncfs(int file) throws PosixException {
        library.call(SYNCFS, file, 0, 0);
    }

    /** struct timespec [2] is four longs on both architectures: access, then modification. */
    private void setTimes(long seconds, long nanoseconds) {
        times.setAtIndex(JAVA_LONG, 0, seconds);
        times.setAtIndex(JAVA_LONG, 1, nanoseconds);
        times.setAtIndex(JAVA_LONG, 2, seconds);
        times.setAtIndex(JAVA_LONG, 3, nanoseconds);
    }
}
