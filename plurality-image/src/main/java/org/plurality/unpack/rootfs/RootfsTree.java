// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plurality.posix.ByteString;
import org.plurality.unpack.layer.LayerFormatException;
import org.plurality.unpack.layer.TarEntry;
import org.plurality.unpack.layer.UnpackLimits;
import org.plurality.unpack.layer.Xattr;

/**
 * The tree in memory, changed together with its medium. Paths are walked in memory, links included, and never leave
 * the root: an absolute link starts at it again and {@code ..} stops at it.
 */
final class RootfsTree {
    /** As many as the kernel and securejoin implementations follow, generously. */
    private static final int MAX_LINKS = 255;

    private static final int NAME_MAX = 255;

    /** Names that a walk goes through, those of links included: what an image costs is in proportion to its size. */
    private static final int MAX_NAMES = 4096;

    /** Heap that a name takes besides its bytes: node, map entry, inode, digest (measured: 240 to 330). */
    private static final int NODE_BYTES = 320;

    private final UnpackLimits limits;
    private final RootfsBackend medium;
    private final MemoryBudget memory;
    private final Node.Directory root = Node.Directory.root();

    RootfsTree(RootfsBackend medium, UnpackLimits limits, MemoryBudget memory) {
        this.medium = medium;
        this.limits = limits;
        this.memory = memory;
    }

    Node.Directory root() {
        return root;
    }

    /** The directory that these names lead to, links followed within the root; null when there is none. */
    Node.@Nullable Directory find(List<ByteString> components) throws LayerFormatException {
        try {
            return walk(components, null);
        } catch (LayerFormatException e) {
            throw e;
        } catch (IOException e) {
            throw new IllegalStateException("a look-up touches no file", e);
        }
    }

    /** Likewise; what is missing is made, with mode 0755 and these times. */
    Node.Directory make(List<ByteString> components, Origin origin) throws IOException {
        Node.Directory directory = walk(components, origin);
        if (directory == null) {
            throw new IllegalStateException("made or refused");
        }
        return directory;
    }

    /** Who makes a directory that no entry describes. */
    record Origin(int layer, long seconds, int nanoseconds) {}

    /** The regular file that a name leads to, through any number of links within the root; null when there is none. */
    Node.@Nullable Leaf file(Node.Directory parent, ByteString name) throws IOException {
        Node.Directory at = parent;
        ByteString last = name;
        for (int links = 0; links <= MAX_LINKS; links++) {
            if (!(at.child(last) instanceof Node.Leaf leaf)) {
                return null;
            }
            if (!(leaf.inode() instanceof Inode.SymbolicLink link)) {
                return leaf.inode() instanceof Inode.RegularFile ? leaf : null;
            }
            List<ByteString> target = EntryName.split(link.target());
            if (target.isEmpty() || target.getLast().equals(EntryName.PARENT)) {
                return null;
            }
            Node.Directory from = link.target().at(0) == '/' ? root : at;
            Node.Directory directory = walk(from, target.subList(0, target.size() - 1), null);
            if (directory == null) {
                return null;
            }
            at = directory;
            last = target.getLast();
        }
        return null;
    }

    private Node.@Nullable Directory walk(List<ByteString> components, @Nullable Origin origin) throws IOException {
        return walk(root, components, origin);
    }

    private Node.@Nullable Directory walk(Node.Directory from, List<ByteString> components, @Nullable Origin origin)
            throws IOException {
        Deque<ByteString> ahead = new ArrayDeque<>(components);
        Node.Directory at = from;
        int links = 0;
        int names = 0;
        while (!ahead.isEmpty()) {
            ByteString name = ahead.pop();
            if (++names > MAX_NAMES) {
                throw new LayerFormatException(
                        "a name goes through more than " + MAX_NAMES + " others: " + EntryName.join(components));
            }
            if (name.equals(EntryName.PARENT)) {
                at = at.parent();
                continue;
            }
            switch (at.child(name)) {
                case null -> {
                    if (origin == null) {
                        return null;
                    }
                    at = addDirectory(at, name, origin.layer());
                    at.describe(0755, origin.seconds(), origin.nanoseconds());
                }
                case Node.Directory directory -> at = directory;
                case Node.Leaf leaf -> {
                    if (!(leaf.inode() instanceof Inode.SymbolicLink link)) {
                        if (origin == null) {
                            return null;
                        }
                        throw new LayerFormatException(
                                "a name goes through " + leaf.path() + ", which is no directory");
                    }
                    if (++links > MAX_LINKS) {
                        throw new LayerFormatException(
                                "a name goes through more than " + MAX_LINKS + " links: " + leaf.path());
                    }
                    if (!link.target().isEmpty() && link.target().at(0) == '/') {
                        at = root;
                    }
                    EntryName.split(link.target()).reversed().forEach(ahead::push);
                }
            }
        }
        return at;
    }

    /** Makes a directory, open to its owner until the end. The name must be absent. */
    Node.Directory addDirectory(Node.Directory parent, ByteString name, int layer) throws IOException {
        checkPlace(parent, name);
        Node.Directory directory = Node.Directory.in(parent, name, layer);
        charge(directory);
        medium.makeDirectory(parent, name);
        parent.put(directory);
        return directory;
    }

    /** Adds what lies on the disk already. */
    void add(Node.Leaf leaf) throws LayerFormatException {
        charge(leaf);
        leaf.parent().put(leaf);
    }

    private void charge(Node node) throws LayerFormatException {
        memory.take(cost(node));
    }

    /** What hard links share is counted for each of them, so that whichever stays has paid for it. */
    private static int cost(Node node) {
        int more =
                switch (node) {
                    case Node.Directory directory -> Xattr.memory(directory.xattrs());
                    case Node.Leaf leaf ->
                        switch (leaf.inode()) {
                            case Inode.RegularFile file -> Xattr.memory(file.xattrs());
                            case Inode.SymbolicLink link -> link.target().length();
                            case Inode.Omitted() -> 0;
                        };
                };
        return NODE_BYTES + node.name().length() + more;
    }

    /** As an entry has it. */
    void describe(Node.Directory directory, int mode, TarEntry entry) throws LayerFormatException {
        memory.giveBack(cost(directory));
        directory.describe(mode, entry);
        memory.take(cost(directory));
    }

    /** Refuses a place that is too deep, or whose name or path is too long. */
    void checkPlace(Node.Directory parent, ByteString name) throws LayerFormatException {
        if (name.length() > NAME_MAX) {
            throw new LayerFormatException("a name is longer than " + NAME_MAX + " bytes: " + name);
        }
        if (parent.depth() >= limits.maxDepth()) {
            throw new LayerFormatException("more than " + limits.maxDepth() + " directories deep: " + name);
        }
        if (parent.pathLength() + 1 + name.length() > limits.maxPathLength()) {
            throw new LayerFormatException("a path is longer than " + limits.maxPathLength() + " bytes: …/" + name);
        }
    }

    /** Removes a name and all below it. */
    void remove(Node node) throws IOException {
        switch (node) {
            case Node.Directory directory -> {
                for (Node child : directory.children()) {
                    remove(child);
                }
                medium.removeDirectory(directory);
            }
            case Node.Leaf leaf -> {
                if (!(leaf.inode() instanceof Inode.Omitted)) {
                    medium.removeLeaf(leaf);
                }
            }
        }
        node.parent().forget(node);
        memory.giveBack(cost(node));
    }

    /**
     * Removes what lies in a directory from layers below that one; directories that hold something of it stay. What
     * that layer adds later is its own, so that a second time there is nothing to do.
     */
    void emptyOfLower(Node.Directory directory, int layer) throws IOException {
        if (directory.isEmptiedFor(layer)) {
            return;
        }
        directory.emptiedFor(layer);
        for (Node child : directory.children()) {
            removeLower(child, layer);
            // Directories that stay are open by now, any number of them.
            medium.settle();
        }
    }

    /** Likewise a name itself. */
    void removeLower(Node node, int layer) throws IOException {
        if (node instanceof Node.Directory directory) {
            emptyOfLower(directory, layer);
            if (!directory.isEmpty()) {
                return;
            }
        }
        if (node.layer() < layer && !node.isRoot()) {
            remove(node);
        }
    }
}
