// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Set;

/**
 * Reads the small documents by which processes steer each other, in directories where all members of a group may put what they like: a pipe
 * would keep the reader waiting for ever, a link to a device would exhaust its memory. Anything but a regular file within a bound is an
 * {@link NotADocumentException}. One stat more than a plain read, no native call.
 *
 * <p>A pipe that is put in a file's place between the look and the open still makes it wait.
 */
public final class BoundedFile {
    /** More than any such document has, but for those of an image and of one set aside. */
    public static final int MOST_BYTES = 1 << 20;

    private BoundedFile() {}

    public static byte[] read(Path file) throws IOException {
        return read(file, MOST_BYTES);
    }

    public static byte[] read(Path file, int mostBytes) throws IOException {
        return read(file, Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS), mostBytes);
    }

    /** @param attributes of the file itself, from just now */
    static byte[] read(Path file, BasicFileAttributes attributes, int mostBytes) throws IOException {
        if (!attributes.isRegularFile()) {
            throw new NotADocumentException("it is not a regular file");
        }
        try (SeekableByteChannel channel =
                Files.newByteChannel(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
            return readAll(channel, mostBytes);
        }
    }

    private static byte[] readAll(SeekableByteChannel channel, int mostBytes) throws IOException {
        long size = channel.size();
        if (size > mostBytes) {
            throw new NotADocumentException("it has more than " + mostBytes + " bytes");
        }
        ByteBuffer buffer = ByteBuffer.allocate((int) size);
        while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
            // On to its end.
        }
        return buffer.hasRemaining() ? Arrays.copyOf(buffer.array(), buffer.position()) : buffer.array();
    }
}
