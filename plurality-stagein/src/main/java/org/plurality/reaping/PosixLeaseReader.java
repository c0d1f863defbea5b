package org.plurality.reaping;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.plurality.cache.UnixFile;
import org.plurality.lease.LeaseReader;
import org.plurality.posix.ByteString;
import org.plurality.posix.Fcntl;
import org.plurality.posix.LinuxPosix;
import org.plurality.posix.Posix;

/**
 * Reads lease files of strangers: whatever they put in a file's place, it is opened without following a link and without waiting for the
 * other end of a pipe, and looked at once it is open.
 */
final class PosixLeaseReader implements LeaseReader {
    private static final int FLAGS = Fcntl.O_RDONLY | Fcntl.O_NOFOLLOW | Fcntl.O_NONBLOCK | Fcntl.O_CLOEXEC;

    private final Posix posix = new LinuxPosix();

    @Override
    public byte[] read(Path file, int mostBytes) throws IOException {
        if (!UnixFile.of(file).isRegular()) {
            throw new IOException("it is not a regular file");
        }
        int descriptor = posix.openat(Fcntl.AT_FDCWD, ByteString.utf8(file.toString()), FLAGS, 0);
        try {
            Path open = Path.of("/proc/self/fd/" + descriptor);
            if (!UnixFile.behind(open).isRegular()) {
                throw new IOException("it is not a regular file");
            }
            try (InputStream in = Files.newInputStream(open)) {
                byte[] bytes = in.readNBytes(mostBytes + 1);
                if (bytes.length > mostBytes) {
                    throw new IOException("it has more than " + mostBytes + " bytes");
                }
                return bytes;
            }
        } finally {
            posix.close(descriptor);
        }
    }
}
