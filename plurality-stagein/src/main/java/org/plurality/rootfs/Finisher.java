package org.plurality.rootfs;

import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.plurality.posix.ByteString;
import org.plurality.posix.Posix;

/** The last walk: directories get their modes and times, everything is listed and counted. */
final class Finisher {
    private final Posix posix;
    private final RootfsTree tree;
    private final FileListWriter list;
    private final Map<Inode, Node.Leaf> firsts = new HashMap<>();
    private long bytes;
    private long inodes;

    Finisher(Posix posix, RootfsTree tree, FileListWriter list) {
        this.posix = posix;
        this.tree = tree;
        this.list = list;
    }

    void finish() throws IOException {
        finish(tree.root(), ByteString.utf8(""), ByteString.utf8(""));
    }

    long bytes() {
        return bytes;
    }

    long inodes() {
        return inodes;
    }

    /** @param prefix of its children's paths */
    private void finish(Node.Directory directory, ByteString path, ByteString prefix) throws IOException {
        // The owner must be able to list and to delete it, whatever the image says.
        int mode = directory.mode() | 0700;
        int descriptor = tree.handles().of(directory);
        posix.fchmod(descriptor, mode);
        posix.futimens(descriptor, directory.seconds(), directory.nanoseconds());
        list.directory(path, directory, mode);
        inodes++;
        List<Node> children = directory.children();
        children.sort(Comparator.comparing(Node::name));
        for (Node child : children) {
            ByteString childPath = prefix.concat(child.name());
            switch (child) {
                case Node.Directory below -> finish(below, childPath, childPath.concat(ByteString.utf8("/")));
                case Node.Leaf leaf -> leaf(leaf, childPath);
            }
        }
        tree.handles().release(directory);
    }

    private void leaf(Node.Leaf leaf, ByteString path) throws IOException {
        if (leaf.inode() instanceof Inode.Omitted) {
            return;
        }
        Node.Leaf first = firsts.putIfAbsent(leaf.inode(), leaf);
        if (first == null) {
            inodes++;
        }
        ByteString hardLink = first == null ? ByteString.utf8("") : first.path();
        switch (leaf.inode()) {
            case Inode.RegularFile file -> {
                list.file(path, file, hardLink);
                bytes += first == null ? file.size() : 0;
            }
            case Inode.SymbolicLink link -> list.symbolicLink(path, link, hardLink);
            case Inode.Omitted omitted -> throw new IllegalStateException(omitted + " is not on disk");
        }
    }
}
