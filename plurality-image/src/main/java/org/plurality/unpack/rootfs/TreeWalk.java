// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.plurality.posix.ByteString;

/** Walks a finished tree, names sorted by their bytes, directories before what is in them. */
final class TreeWalk {
    private static final ByteString NONE = ByteString.utf8("");
    private static final ByteString SLASH = ByteString.utf8("/");

    private final Visitor visitor;
    private final Map<Inode, ByteString> firsts = new HashMap<>();

    private TreeWalk(Visitor visitor) {
        this.visitor = visitor;
    }

    /** What is done at each name. Paths have no leading slash; the root's is empty. */
    interface Visitor {
        void directory(Node.Directory directory, ByteString path) throws IOException;

        /** @param first an earlier path of the same file; empty when there is none */
        void file(Inode.RegularFile file, ByteString path, ByteString first) throws IOException;

        void symbolicLink(Inode.SymbolicLink link, ByteString path, ByteString first) throws IOException;

        /** After all that is in it. */
        default void left(Node.Directory directory) throws IOException {}
    }

    static void walk(RootfsTree tree, Visitor visitor) throws IOException {
        new TreeWalk(visitor).walk(tree.root(), NONE, NONE);
    }

    /** @param prefix of its children's paths */
    private void walk(Node.Directory directory, ByteString path, ByteString prefix) throws IOException {
        visitor.directory(directory, path);
        List<Node> children = directory.children();
        children.sort(Comparator.comparing(Node::name));
        for (Node child : children) {
            ByteString childPath = prefix.concat(child.name());
            switch (child) {
                case Node.Directory below -> walk(below, childPath, childPath.concat(SLASH));
                case Node.Leaf leaf -> leaf(leaf.inode(), childPath);
            }
        }
        visitor.left(directory);
    }

    private void leaf(Inode inode, ByteString path) throws IOException {
        ByteString first = NONE;
        if (inode.isLinked()) {
            ByteString known = firsts.putIfAbsent(inode, path);
            first = known == null ? NONE : known;
        }
        switch (inode) {
            case Inode.RegularFile file -> visitor.file(file, path, first);
            case Inode.SymbolicLink link -> visitor.symbolicLink(link, path, first);
            case Inode.Omitted _ -> {
                // On no medium, hence nowhere to visit.
            }
        }
    }
}
