// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.leases;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import org.plurality.cache.FileStat;
import org.plurality.cache.NotADocumentException;
import org.plurality.lease.LeaseReader;
import org.plurality.posix.ByteString;
import org.plurality.posix.Errno;
import org.plurality.posix.Fcntl;
import org.plurality.posix.LinuxPosix;
import org.plurality.posix.Posix;
import org.plurality.posix.PosixException;

/**
 * Reads lease files of strangers: whatever they put in a file's place, it is opened without following a link and without waiting for the
 * other end of a pipe, and looked at once it is open.
 */
final class PosixLeaseReader implements LeaseReader {
    private static final int FLAGS = Fcntl.O_RDONLY | Fcntl.O_NOFOLLOW | Fcntl.O_NONBLOCK | Fcntl.O_CLOEXEC;

    /** A link or a socket that has taken the file's place since, or a lease of the kernel's kind (fcntl(2), F_SETLEASE). */
    private static final Set<Errno> BY_ITS_OWNER = Set.of(Errno.ELOOP, Errno.ENXIO, Errno.EAGAIN);

    /** Each has memory for one call at a time. */
    private final ThreadLocal<Posix> library = ThreadLocal.withInitial(LinuxPosix::new);

    @Override
    public byte[] read(Path file, int mostBytes) throws IOException {
        if (!FileStat.of(file).isRegular()) {
            throw new NotADocumentException("it is not a regular file");
        }
        int descriptor = open(file);
        try {
            Path open = Path.of("/proc/self/fd/" + descriptor);
            if (!FileStat.behind(open).isRegular()) {
                throw new NotADocumentException("it is not a regular file");
            }
            try (InputStream in = Files.newInputStream(open)) {
                byte[] bytes = in.readNBytes(mostBytes + 1);
                if (bytes.length > mostBytes) {
                    throw new NotADocumentException("it has more than " + mostBytes + " bytes");
                }
                return bytes;
            }
        } finally {
            library.get().close(descriptor);
        }
    }

    /** What its owner can do to a file so that others do not read it tells of the file; any other error does not. */
    private int open(Path file) throws IOException {
        try {
            return library.get().openat(Fcntl.AT_FDCWD, ByteString.utf8(file.toString()), FLAGS, 0);
        } catch (PosixException e) {
            if (e.errno() == Errno.ENOENT) {
                throw new NoSuchFileException(file.toString());
            }
            if (e.errno() == Errno.EACCES) {
                throw new AccessDeniedException(file.toString());
            }
            if (BY_ITS_OWNER.contains(e.errno())) {
                throw new NotADocumentException(e.errno().words());
            }
            throw e;
        }
    }
}
