// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.plurality.posix.ByteString;
import org.plurality.unpack.layer.LayerFormatException;

/** Compares what went into an archive with the tree that is to be in it. */
final class Placement implements TreeWalk.Visitor {
    /** A squashfs has a table of at most 65,535. */
    private static final int MOST_OWNERS = 60_000;

    private final Set<Integer> owners = new HashSet<>();
    private long placed;

    /** Files whose contents are in the archive under one of their names are told so. */
    static Placement of(RootfsTree tree) throws IOException {
        Placement placement = new Placement();
        TreeWalk.walk(tree, placement);
        return placement;
    }

    /** How many there are. */
    long placed() {
        return placed;
    }

    /** Where the contents of files that are not in the archive are to be read: path and file, by layer and place in it. */
    static Map<Integer, Map<Integer, Missing>> missing(RootfsTree tree) throws IOException {
        Map<Integer, Map<Integer, Missing>> missing = new TreeMap<>();
        TreeWalk.walk(tree, new TreeWalk.Visitor() {
            @Override
            public void directory(Node.Directory directory, ByteString path) {}

            @Override
            public void file(Inode.RegularFile file, ByteString path, ByteString first) {
                LoggedEntry source = file.source();
                if (source != null && file.placedAt() == null && first.isEmpty()) {
                    missing.computeIfAbsent(source.layer(), layer -> new TreeMap<>())
                            .put(source.index(), new Missing(path, file));
                }
            }

            @Override
            public void symbolicLink(Inode.SymbolicLink link, ByteString path, ByteString first) {}
        });
        return missing;
    }

    /** A file that has yet to be read, and the path that it goes under. */
    record Missing(ByteString path, Inode.RegularFile file) {}

    @Override
    public void directory(Node.Directory directory, ByteString path) throws IOException {
        owner(directory.uid(), directory.gid());
    }

    @Override
    public void file(Inode.RegularFile file, ByteString path, ByteString first) throws IOException {
        owner(file.uid(), file.gid());
        LoggedEntry source = file.source();
        ByteString writtenAs = source == null ? null : source.writtenAs();
        if (writtenAs != null && file.placedAt() == null && path.equals(writtenAs)) {
            file.placeAt(path);
            placed++;
        }
    }

    @Override
    public void symbolicLink(Inode.SymbolicLink link, ByteString path, ByteString first) throws IOException {
        owner(link.uid(), link.gid());
    }

    private void owner(int uid, int gid) throws LayerFormatException {
        owners.add(uid);
        owners.add(gid);
        if (owners.size() > MOST_OWNERS) {
            throw new LayerFormatException("its files have more than " + MOST_OWNERS + " owners");
        }
    }
}
