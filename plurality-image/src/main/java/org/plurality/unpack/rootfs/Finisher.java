// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import java.io.IOException;
import org.plurality.posix.ByteString;

/** The last walk of a directory on the disk: directories get their modes and times, everything is listed. */
record Finisher(DiskBackend disk, FileList list) implements TreeWalk.Visitor {
    @Override
    public void directory(Node.Directory directory, ByteString path) throws IOException {
        disk.finish(directory);
        list.directory(directory, path);
    }

    @Override
    public void file(Inode.RegularFile file, ByteString path, ByteString first) throws IOException {
        list.file(file, path, first);
    }

    @Override
    public void symbolicLink(Inode.SymbolicLink link, ByteString path, ByteString first) throws IOException {
        list.symbolicLink(link, path, first);
    }

    @Override
    public void left(Node.Directory directory) throws IOException {
        disk.release(directory);
    }
}
