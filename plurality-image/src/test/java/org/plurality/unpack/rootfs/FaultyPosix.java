// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import org.plurality.posix.ByteString;
import org.plurality.posix.Errno;
import org.plurality.posix.LinuxPosix;
import org.plurality.posix.Posix;
import org.plurality.posix.PosixException;

/** The real calls, of which the nth of one kind, and all after it up to another, fail. A close that fails has closed all the same. */
final class FaultyPosix implements Posix {
    private final Posix real = new LinuxPosix();
    private final String call;
    private final int first;
    private final int last;
    private final Errno errno;
    private int calls;

    FaultyPosix(String call, int first, Errno errno) {
        this(call, first, Integer.MAX_VALUE, errno);
    }

    FaultyPosix(String call, int first, int last, Errno errno) {
        this.call = call;
        this.first = first;
        this.last = last;
        this.errno = errno;
    }

    @Override
    public int openat(int directory, ByteString name, int flags, int mode) throws PosixException {
        fault("openat");
        return real.openat(directory, name, flags, mode);
    }

    @Override
    public void write(int file, byte[] buffer, int offset, int length) throws PosixException {
        fault("write");
        real.write(file, buffer, offset, length);
    }

    @Override
    public void close(int file) throws PosixException {
        real.close(file);
        fault("close");
    }

    @Override
    public void mkdirat(int directory, ByteString name, int mode) throws PosixException {
        fault("mkdirat");
        real.mkdirat(directory, name, mode);
    }

    @Override
    public void symlinkat(ByteString target, int directory, ByteString name) throws PosixException {
        fault("symlinkat");
        real.symlinkat(target, directory, name);
    }

    @Override
    public void linkat(int fromDirectory, ByteString from, int toDirectory, ByteString to) throws PosixException {
        fault("linkat");
        real.linkat(fromDirectory, from, toDirectory, to);
    }

    @Override
    public void renameat(int fromDirectory, ByteString from, int toDirectory, ByteString to) throws PosixException {
        fault("renameat");
        real.renameat(fromDirectory, from, toDirectory, to);
    }

    @Override
    public void unlinkat(int directory, ByteString name, int flags) throws PosixException {
        fault("unlinkat");
        real.unlinkat(directory, name, flags);
    }

    @Override
    public void fchmod(int file, int mode) throws PosixException {
        fault("fchmod");
        real.fchmod(file, mode);
    }

    @Override
    public void futimens(int file, long seconds, int nanoseconds) throws PosixException {
        fault("futimens");
        real.futimens(file, seconds, nanoseconds);
    }

    @Override
    public void utimensat(int directory, ByteString name, long seconds, int nanoseconds) throws PosixException {
        fault("utimensat");
        real.utimensat(directory, name, seconds, nanoseconds);
    }

    @Override
    public void fsetxattr(int file, ByteString name, ByteString value) throws PosixException {
        fault("fsetxattr");
        real.fsetxattr(file, name, value);
    }

    @Override
    public void fsync(int file) throws PosixException {
        fault("fsync");
        real.fsync(file);
    }

    @Override
    public void syncfs(int file) throws PosixException {
        fault("syncfs");
        real.syncfs(file);
    }

    private void fault(String of) throws PosixException {
        if (of.equals(call) && ++calls >= first && calls <= last) {
            throw new PosixException(of, errno);
        }
    }
}
