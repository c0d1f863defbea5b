// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import java.io.IOException;
import org.plurality.posix.ByteString;

/**
 * Where the names of a {@link RootfsTree} are made, each just before or after the tree has it. Directories are open to their owner until
 * the end; their modes, times and attributes come last.
 */
interface RootfsBackend {
    /** The contents of one file, to their end. */
    @FunctionalInterface
    interface Contents {
        /** As {@link java.io.InputStream#read(byte[], int, int)}. */
        int read(byte[] buffer, int offset, int length) throws IOException;
    }

    void makeDirectory(Node.Directory parent, ByteString name) throws IOException;

    /** Also gives the inode its digest. */
    void makeFile(Node.Directory parent, ByteString name, Inode.RegularFile file, Contents contents) throws IOException;

    void makeSymbolicLink(Node.Directory parent, ByteString name, Inode.SymbolicLink link) throws IOException;

    void makeHardLink(Node.Leaf existing, Node.Directory parent, ByteString name) throws IOException;

    /** Empty by now. */
    void removeDirectory(Node.Directory directory) throws IOException;

    void removeLeaf(Node.Leaf leaf) throws IOException;

    /** Between entries: descriptors may be closed. */
    void settle() throws IOException;
}
