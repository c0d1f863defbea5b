// SPDX-License-Identifier: Apache-2.0
package org.plurality.posix;

/**
 * C calls on directory descriptors, by their C names and with their C meaning; where C returns -1 these throw. None of them resolves
 * more than the one name it is given, if that holds no slash.
 *
 * <p>An instance is used by one thread at a time: it keeps the memory that names and data pass through.
 */
public interface Posix {
    int openat(int directory, ByteString name, int flags, int mode) throws PosixException;

    /** Writes all of it, in as many calls as that takes. */
    void write(int file, byte[] buffer, int offset, int length) throws PosixException;

    void close(int file) throws PosixException;

    void mkdirat(int directory, ByteString name, int mode) throws PosixException;

    void symlinkat(ByteString target, int directory, ByteString name) throws PosixException;

    /** Links the name itself, also where it is a symbolic link: C's {@code flags} are 0. */
    void linkat(int fromDirectory, ByteString from, int toDirectory, ByteString to) throws PosixException;

    /** Gives a name to what has another, in the place of what had it; where both are names of one file nothing is done. */
    void renameat(int fromDirectory, ByteString from, int toDirectory, ByteString to) throws PosixException;

    void unlinkat(int directory, ByteString name, int flags) throws PosixException;

    void fchmod(int file, int mode) throws PosixException;

    /** Sets the time of last modification and of last access to the same value. */
    void futimens(int file, long seconds, int nanoseconds) throws PosixException;

    /** Likewise by name; a symbolic link's own times, never its target's. */
    void utimensat(int directory, ByteString name, long seconds, int nanoseconds) throws PosixException;

    /** C's {@code flags} are 0: an attribute that is there is replaced. */
    void fsetxattr(int file, ByteString name, ByteString value) throws PosixException;

    /** Waits until a file is stored. */
    void fsync(int file) throws PosixException;

    /** Flushes the whole filesystem that the descriptor is on. */
    void syncfs(int file) throws PosixException;
}
