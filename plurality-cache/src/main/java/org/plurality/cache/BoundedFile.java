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
 * Reads the small documents through which processes coordinate, in directories where all members of a group may create
 * any file. A pipe would block the reader permanently, and a link to a device would exhaust its memory. So anything
 * but a regular file within a bound is a {@link NotADocumentException}. Costs one stat more than a plain read, and no
 * native call.
 *
 * <p>If a pipe replaces the file between the check and the open, the read still blocks.
 */
public final class BoundedFile {
    /** More bytes than any such document has, except the documents of an image and of a superseded entry. */
    public static final int MOST_BYTES = 1 << 20;

    private BoundedFile() {}

    public static byte[] read(Path file) throws IOException {
        return read(file, MOST_BYTES);
    }

    public static byte[] read(Path file, int mostBytes) throws IOException {
        return read(file, Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS), mostBytes);
    }

    /** @param attributes of the file itself, read just before */
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
            // Reads on to the end.
        }
        return buffer.hasRemaining() ? Arrays.copyOf(buffer.array(), buffer.position()) : buffer.array();
    }
}
