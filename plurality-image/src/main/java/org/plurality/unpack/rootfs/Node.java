// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.plurality.posix.ByteString;
import org.plurality.unpack.layer.TarEntry;
import org.plurality.unpack.layer.Xattr;

/** A name in the tree that is being made. */
abstract sealed class Node {
    private final @Nullable Directory parent;
    private final ByteString name;
    private int layer;

    private Node(@Nullable Directory parent, ByteString name, int layer) {
        this.parent = parent;
        this.name = name;
        this.layer = layer;
    }

    /** The directory that it is in; the root is in itself. */
    Directory parent() {
        return parent != null ? parent : (Directory) this;
    }

    boolean isRoot() {
        return parent == null;
    }

    ByteString name() {
        return name;
    }

    /** The layer that named it last. */
    int layer() {
        return layer;
    }

    void touch(int byLayer) {
        layer = byLayer;
    }

    /** Its path without a leading slash; empty for the root. Costs its depth. */
    ByteString path() {
        if (isRoot()) {
            return ByteString.utf8("");
        }
        return parent().isRoot()
                ? name
                : parent().path().concat(ByteString.utf8("/")).concat(name);
    }

    /** A file, link, or something left out. */
    static final class Leaf extends Node {
        private final Inode inode;

        Leaf(Directory parent, ByteString name, int layer, Inode inode) {
            super(parent, name, layer);
            this.inode = inode;
        }

        Inode inode() {
            return inode;
        }
    }

    /** A directory. Mode and time are those it gets at the end. */
    static final class Directory extends Node {
        private final Map<ByteString, Node> children = new HashMap<>(4);
        private final int depth;
        private final int pathLength;
        private int emptiedFor = -1;
        private int mode = 0755;
        private int uid;
        private int gid;
        private List<Xattr> xattrs = List.of();
        private long seconds;
        private int nanoseconds;

        private Directory(@Nullable Directory parent, ByteString name, int layer, int depth, int pathLength) {
            super(parent, name, layer);
            this.depth = depth;
            this.pathLength = pathLength;
        }

        static Directory root() {
            return new Directory(null, ByteString.utf8(""), -1, 0, 0);
        }

        static Directory in(Directory parent, ByteString name, int layer) {
            return new Directory(parent, name, layer, parent.depth + 1, parent.pathLength + 1 + name.length());
        }

        int depth() {
            return depth;
        }

        int pathLength() {
            return pathLength;
        }

        @Nullable
        Node child(ByteString childName) {
            return children.get(childName);
        }

        void put(Node child) {
            children.put(child.name(), child);
        }

        void forget(Node child) {
            children.remove(child.name());
        }

        /** Whether nothing of the layers below that one is in it, nor in any directory below it. */
        boolean isEmptiedFor(int byLayer) {
            return emptiedFor == byLayer;
        }

        void emptiedFor(int byLayer) {
            emptiedFor = byLayer;
        }

        boolean isEmpty() {
            return children.isEmpty();
        }

        /** A copy, in no order. */
        List<Node> children() {
            return new ArrayList<>(children.values());
        }

        int mode() {
            return mode;
        }

        int uid() {
            return uid;
        }

        int gid() {
            return gid;
        }

        List<Xattr> xattrs() {
            return xattrs;
        }

        long seconds() {
            return seconds;
        }

        int nanoseconds() {
            return nanoseconds;
        }

        void describe(int newMode, long newSeconds, int newNanoseconds) {
            mode = newMode;
            seconds = newSeconds;
            nanoseconds = newNanoseconds;
        }

        void describe(int newMode, TarEntry entry) {
            describe(newMode, entry.seconds(), entry.nanoseconds());
            uid = entry.uid();
            gid = entry.gid();
            xattrs = entry.xattrs();
        }
    }
}
