// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plurality.posix.ByteString;
import org.plurality.unpack.layer.LayerFormatException;
import org.plurality.unpack.layer.TarEntry;
import org.plurality.unpack.layer.UnpackLimits;

/** Applies a layer's entries to the tree and its medium, one after another. */
final class LayerApplier {
    private static final int SET_IDS = 06000;
    private static final Inode.Omitted OMITTED = new Inode.Omitted();

    private final RootfsTree tree;
    private final RootfsBackend medium;
    private final ReadPermissions readers;
    private final UnpackLimits limits;
    private final UnpackCounts counts;

    LayerApplier(
            RootfsTree tree, RootfsBackend medium, ReadPermissions readers, UnpackLimits limits, UnpackCounts counts) {
        this.tree = tree;
        this.medium = medium;
        this.readers = readers;
        this.limits = limits;
        this.counts = counts;
    }

    /** @param contents of the entry, if it is a file */
    void apply(TarEntry entry, int layer, RootfsBackend.Contents contents) throws IOException {
        limits.requireEntries(++counts.entries);
        List<ByteString> components = EntryName.components(entry.name(), limits);
        if (components.isEmpty()) {
            applyRoot(entry, layer);
            return;
        }
        List<ByteString> parents = components.subList(0, components.size() - 1);
        ByteString name = components.getLast();
        for (ByteString parent : parents) {
            if (parent.startsWith(EntryName.WHITEOUT_META)) {
                return;
            }
            if (parent.startsWith(EntryName.WHITEOUT)) {
                throw new LayerFormatException("a whiteout is used as a directory: " + entry.name());
            }
        }
        if (name.startsWith(EntryName.WHITEOUT)) {
            applyWhiteout(parents, name, layer);
            return;
        }
        Node.Directory parent = tree.make(parents, new RootfsTree.Origin(layer, entry.seconds(), entry.nanoseconds()));
        tree.checkPlace(parent, name);
        counts.droppedXattrs += entry.droppedXattrs();
        switch (entry.kind()) {
            case DIRECTORY -> makeDirectory(parent, name, entry, layer);
            case FILE -> {
                makeWay(parent, name);
                Inode.RegularFile file = new Inode.RegularFile(fileMode(entry, readers), entry);
                countSetIds(entry.mode());
                medium.makeFile(parent, name, file, contents);
                tree.add(new Node.Leaf(parent, name, layer, file));
            }
            case SYMBOLIC_LINK -> {
                makeWay(parent, name);
                if (entry.linkName().isEmpty()) {
                    throw new LayerFormatException("a symbolic link has no target: " + entry.name());
                }
                counts.droppedXattrs += entry.xattrs().size();
                Inode.SymbolicLink link = new Inode.SymbolicLink(entry);
                medium.makeSymbolicLink(parent, name, link);
                tree.add(new Node.Leaf(parent, name, layer, link));
            }
            case HARD_LINK -> makeHardLink(parent, name, entry, layer);
            case SPECIAL -> {
                makeWay(parent, name);
                tree.add(new Node.Leaf(parent, name, layer, OMITTED));
                counts.droppedSpecials++;
            }
        }
        medium.settle();
    }

    private void applyRoot(TarEntry entry, int layer) throws LayerFormatException {
        if (entry.kind() != TarEntry.Kind.DIRECTORY) {
            throw new LayerFormatException("the root is not a directory in it");
        }
        counts.droppedXattrs += entry.droppedXattrs();
        describe(tree.root(), entry, layer);
    }

    private void applyWhiteout(List<ByteString> parents, ByteString name, int layer) throws IOException {
        Node.Directory parent = tree.find(parents);
        if (name.startsWith(EntryName.WHITEOUT_META)) {
            if (name.equals(EntryName.OPAQUE) && parent != null) {
                tree.emptyOfLower(parent, layer);
            }
            return;
        }
        ByteString hidden = name.substring(EntryName.WHITEOUT.length(), name.length());
        if (hidden.isEmpty() || hidden.equals(EntryName.SELF) || hidden.equals(EntryName.PARENT)) {
            throw new LayerFormatException("a whiteout names nothing: " + name);
        }
        Node node = parent == null ? null : parent.child(hidden);
        if (node != null) {
            tree.removeLower(node, layer);
        }
    }

    private void makeDirectory(Node.Directory parent, ByteString name, TarEntry entry, int layer) throws IOException {
        if (parent.child(name) instanceof Node.Directory existing) {
            describe(existing, entry, layer);
            return;
        }
        makeWay(parent, name);
        describe(tree.addDirectory(parent, name, layer), entry, layer);
    }

    private void describe(Node.Directory directory, TarEntry entry, int layer) throws LayerFormatException {
        directory.touch(layer);
        tree.describe(directory, readers.directory(entry.mode() & ~SET_IDS), entry);
        countSetIds(entry.mode());
    }

    private void makeHardLink(Node.Directory parent, ByteString name, TarEntry entry, int layer) throws IOException {
        List<ByteString> components = EntryName.components(entry.linkName(), limits);
        Node.Leaf target = components.isEmpty() ? null : findLeaf(components);
        if (target == null) {
            throw new LayerFormatException(
                    "a hard link leads to no file of the image: " + entry.name() + " to " + entry.linkName());
        }
        Node existing = parent.child(name);
        if (existing == target) {
            return;
        }
        makeWay(parent, name);
        if (target.parent().child(target.name()) != target || !isAttached(target.parent())) {
            throw new LayerFormatException("a hard link replaces its own target: " + entry.name());
        }
        if (!(target.inode() instanceof Inode.Omitted)) {
            medium.makeHardLink(target, parent, name);
        }
        target.inode().link();
        tree.add(new Node.Leaf(parent, name, layer, target.inode()));
    }

    private Node.@Nullable Leaf findLeaf(List<ByteString> components) throws LayerFormatException {
        Node.Directory parent = tree.find(components.subList(0, components.size() - 1));
        return parent != null && parent.child(components.getLast()) instanceof Node.Leaf leaf ? leaf : null;
    }

    private boolean isAttached(Node.Directory directory) {
        Node.Directory at = directory;
        while (!at.isRoot()) {
            if (at.parent().child(at.name()) != at) {
                return false;
            }
            at = at.parent();
        }
        return true;
    }

    private void makeWay(Node.Directory parent, ByteString name) throws IOException {
        Node existing = parent.child(name);
        if (existing != null) {
            tree.remove(existing);
        }
    }

    /** That of the file which an entry makes. */
    static int fileMode(TarEntry entry, ReadPermissions readers) {
        return readers.file(entry.mode() & ~SET_IDS);
    }

    private void countSetIds(int mode) {
        if ((mode & SET_IDS) != 0) {
            counts.strippedSetIds++;
        }
    }
}
