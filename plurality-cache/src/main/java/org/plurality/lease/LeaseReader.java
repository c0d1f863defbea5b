package org.plurality.lease;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;

/** Reads a small regular file that another user may have made; anything else is an {@link IOException}. */
@FunctionalInterface
public interface LeaseReader {
    byte[] read(Path file, int mostBytes) throws IOException;

    /**
     * Without native calls. Follows no link and opens no pipe; but one that is put in a file's place between the look and the open would
     * make it wait, so it is for files that only this user, or who owns the cache, can replace.
     */
    static byte[] readOwn(Path file, int mostBytes) throws IOException {
        if (!Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isRegularFile()) {
            throw new IOException("it is not a regular file");
        }
        try (SeekableByteChannel channel =
                Files.newByteChannel(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
            return readAll(channel, mostBytes);
        }
    }

    /** The rest of a channel, if that is not more than so many bytes. */
    static byte[] readAll(SeekableByteChannel channel, int mostBytes) throws IOException {
        if (channel.size() > mostBytes) {
            throw new IOException("it has more than " + mostBytes + " bytes");
        }
        ByteBuffer buffer = ByteBuffer.allocate((int) channel.size());
        while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
            // On to its end.
        }
        byte[] bytes = new byte[buffer.position()];
        buffer.flip().get(bytes);
        return bytes;
    }
}
