// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.tree;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.plurality.failure.PluralityException;
import org.plurality.posix.ByteString;
import org.plurality.unpack.layer.Xattr;

/**
 * Files, directories and links below a root. May be walked more than once; what it shows may have changed meanwhile.
 */
public interface FileTree extends AutoCloseable {
    /**
     * Shows all there is: a directory before what is in it, the names in a directory in the order of their bytes.
     *
     * @throws IOException when it cannot be read; the message says where and why
     */
    void walk(Visitor visitor) throws IOException, PluralityException;

    /** A small file's bytes; empty when there is no regular file of that name, or a larger one. Follows no link. */
    Optional<byte[]> read(String path, int most) throws IOException;

    /** Ends a walk from any thread. */
    void cancel();

    @Override
    void close();

    /** Is shown the tree. Paths have no slash at either end; the root's is empty. */
    interface Visitor {
        void directory(ByteString path, Attributes attributes) throws IOException, PluralityException;

        /** Reads the contents to their end, which are as many bytes as {@code size}. */
        void file(ByteString path, Attributes attributes, long size, Content content)
                throws IOException, PluralityException;

        void symbolicLink(ByteString path, Attributes attributes, ByteString target)
                throws IOException, PluralityException;

        /** @param first another path of the same file, shown before */
        void hardLink(ByteString path, Attributes attributes, ByteString first) throws IOException, PluralityException;

        /** A device or pipe; sockets are not shown, because no image has them. */
        void special(ByteString path, Attributes attributes) throws IOException, PluralityException;
    }

    /**
     * What is known of a name besides its contents.
     *
     * @param mode the low twelve bits
     * @param seconds of last modification
     * @param xattrs those that {@linkplain Xattr#isKept() a container may have}, sorted by name
     */
    record Attributes(int mode, long seconds, List<Xattr> xattrs) {
        public Attributes {
            xattrs = xattrs.isEmpty()
                    ? List.of()
                    : xattrs.stream()
                            .filter(Xattr::isKept)
                            .sorted(Comparator.comparing(Xattr::name))
                            .toList();
        }

        public Attributes(int mode, long seconds) {
            this(mode, seconds, List.of());
        }
    }

    /** A file's bytes. */
    @FunctionalInterface
    interface Content {
        /** Up to their end, where it returns -1. */
        int read(byte[] buffer) throws IOException;
    }
}
