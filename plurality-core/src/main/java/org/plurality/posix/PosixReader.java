// SPDX-License-Identifier: Apache-2.0
package org.plurality.posix;

import java.util.List;

/**
 * C calls that read a tree, by directory descriptors and single names; none follows a link. Like {@link Posix}: by
 * their C names, and an instance is used by one thread at a time.
 */
public interface PosixReader {
    /** For reading; never waits for a pipe's writer, and never goes through a link in the name's last part. */
    int openat(int directory, ByteString name, boolean isDirectory) throws PosixException;

    /** Up to the end of the file, where it returns 0. */
    int read(int file, byte[] buffer, int offset, int length) throws PosixException;

    void close(int file) throws PosixException;

    /** All names in a directory that follow those read before, without {@code .} and {@code ..}, in no order. */
    List<ByteString> getdents64(int directory) throws PosixException;

    /** Of the name itself, also where it is a link; of the descriptor, where the name is empty. */
    Status statx(int directory, ByteString name) throws PosixException;

    /** The names of a file's or directory's extended attributes; none where the filesystem has no attributes. */
    List<ByteString> flistxattr(int file) throws PosixException;

    ByteString fgetxattr(int file, ByteString name) throws PosixException;

    ByteString readlinkat(int directory, ByteString name) throws PosixException;

    /**
     * @param mode type and permissions, as in {@code st_mode}
     * @param device and inode tell files apart
     */
    record Status(
            int mode,
            long links,
            int uid,
            int gid,
            long device,
            long inode,
            long size,
            long seconds,
            int nanoseconds) {}
}
