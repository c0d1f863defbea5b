// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import java.io.IOException;
import java.nio.file.Path;
import org.plurality.posix.ByteString;

/** Lists a finished tree in {@code files.jsonl.zst}, and counts what it lists. */
final class FileList implements TreeWalk.Visitor, AutoCloseable {
    private final FileListWriter writer;
    private long bytes;
    private long inodes;

    /** @param wholeSeconds whether the medium keeps no parts of a second */
    FileList(Path file, boolean wholeSeconds) throws IOException {
        this.writer = new FileListWriter(file, wholeSeconds);
    }

    /** Sum of the files' sizes, each file once. */
    long bytes() {
        return bytes;
    }

    long inodes() {
        return inodes;
    }

    @Override
    public void directory(Node.Directory directory, ByteString path) throws IOException {
        writer.directory(path, directory);
        inodes++;
    }

    @Override
    public void file(Inode.RegularFile file, ByteString path, ByteString first) throws IOException {
        writer.file(path, file, first);
        if (first.isEmpty()) {
            inodes++;
            bytes += file.size();
        }
    }

    @Override
    public void symbolicLink(Inode.SymbolicLink link, ByteString path, ByteString first) throws IOException {
        writer.symbolicLink(path, link, first);
        if (first.isEmpty()) {
            inodes++;
        }
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }
}
