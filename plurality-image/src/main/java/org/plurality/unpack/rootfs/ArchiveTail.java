// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import java.io.IOException;
import org.plurality.posix.ByteString;

/** The end of an archive, after the contents of all files that have some: directories, links, and the files that stage-in makes. */
record ArchiveTail(TarOutput out) implements TreeWalk.Visitor {
    @Override
    public void directory(Node.Directory directory, ByteString path) throws IOException {
        if (!directory.isRoot()) {
            out.directory(path, directory);
        }
    }

    @Override
    public void file(Inode.RegularFile file, ByteString path, ByteString first) throws IOException {
        ByteString placedAt = file.placedAt();
        if (placedAt == null) {
            out.file(path, file);
            file.placeAt(path);
        } else if (!placedAt.equals(path)) {
            out.hardLink(path, placedAt);
        }
    }

    @Override
    public void symbolicLink(Inode.SymbolicLink link, ByteString path, ByteString first) throws IOException {
        if (first.isEmpty()) {
            out.symbolicLink(path, link);
        } else {
            out.hardLink(path, first);
        }
    }
}
