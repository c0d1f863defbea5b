// SPDX-License-Identifier: Apache-2.0
package org.plurality.posix;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.plurality.posix.CLibrary.terminated;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.plurality.posix.CLibrary.Function;

/**
 * What {@code statvfs} says of a filesystem: room for bytes and for files. The JDK asks for bytes only.
 *
 * @param freeBytes for users
 * @param inodes 0 where the filesystem does not count them
 * @param freeInodes for users
 */
public record FilesystemSpace(long bytes, long freeBytes, long inodes, long freeInodes) {
    /** Of any 64-bit Linux: f_bsize, f_frsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree, f_favail, and more. */
    private static final int STRUCT_BYTES = 256;

    private static final Function STATVFS = Function.ofInt("statvfs");

    /** @param file that is there */
    public static FilesystemSpace of(Path file) throws PosixException {
        CLibrary library = new CLibrary();
        MemorySegment struct = library.allocate(STRUCT_BYTES);
        MemorySegment path = library.allocate(CLibrary.PATH_MAX);
        library.call(STATVFS, terminated(ByteString.utf8(file.toString()), path, STATVFS), struct.address(), 0);
        long unit = struct.getAtIndex(JAVA_LONG, 1);
        return new FilesystemSpace(
                unit * struct.getAtIndex(JAVA_LONG, 2),
                unit * struct.getAtIndex(JAVA_LONG, 4),
                struct.getAtIndex(JAVA_LONG, 5),
                struct.getAtIndex(JAVA_LONG, 7));
    }
}
