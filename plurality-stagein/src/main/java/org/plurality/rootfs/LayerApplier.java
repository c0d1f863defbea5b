package org.plurality.rootfs;

import java.io.IOException;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plurality.layer.LayerFormatException;
import org.plurality.layer.TarEntry;
import org.plurality.layer.TarReader;
import org.plurality.layer.UnpackLimits;
import org.plurality.posix.ByteString;
import org.plurality.posix.Fcntl;
import org.plurality.posix.Posix;
import org.plurality.posix.PosixException;
import org.plurality.reference.Digest;

/** Applies a layer's entries to the tree, one after another. A small file costs five system calls. */
final class LayerApplier {
    private static final int CREATE =
            Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_EXCL | Fcntl.O_NOFOLLOW | Fcntl.O_CLOEXEC;
    private static final int SET_IDS = 06000;
    private static final Inode.Omitted OMITTED = new Inode.Omitted();

    private final Posix posix;
    private final RootfsTree tree;
    private final UnpackLimits limits;
    private final UnpackCounts counts;
    private final byte[] buffer = new byte[128 << 10];
    private final MessageDigest digest = Digest.Algorithm.SHA256.newMessageDigest();

    LayerApplier(Posix posix, RootfsTree tree, UnpackLimits limits, UnpackCounts counts) {
        this.posix = posix;
        this.tree = tree;
        this.limits = limits;
        this.counts = counts;
    }

    void apply(TarReader tar, TarEntry entry, int layer) throws IOException {
        if (++counts.entries > limits.maxEntries()) {
            throw new LayerFormatException(
                    "the image has more than " + limits.maxEntries() + " entries",
                    "if you trust it, raise max_entries in plurality.toml or PLURALITY_MAX_ENTRIES");
        }
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
        counts.droppedXattrs += entry.xattrs();
        switch (entry.kind()) {
            case DIRECTORY -> makeDirectory(parent, name, entry, layer);
            case FILE -> {
                makeWay(parent, name);
                tree.add(new Node.Leaf(parent, name, layer, writeFile(parent, name, tar, entry)));
            }
            case SYMBOLIC_LINK -> {
                makeWay(parent, name);
                tree.add(new Node.Leaf(parent, name, layer, writeSymbolicLink(parent, name, entry)));
            }
            case HARD_LINK -> makeHardLink(parent, name, entry, layer);
            case SPECIAL -> {
                makeWay(parent, name);
                tree.add(new Node.Leaf(parent, name, layer, OMITTED));
                counts.droppedSpecials++;
            }
        }
        tree.handles().trim();
    }

    private void applyRoot(TarEntry entry, int layer) throws LayerFormatException {
        if (entry.kind() != TarEntry.Kind.DIRECTORY) {
            throw new LayerFormatException("the root is not a directory in it");
        }
        counts.droppedXattrs += entry.xattrs();
        describe(tree.root(), entry, layer);
    }

    private void applyWhiteout(List<ByteString> parents, ByteString name, int layer)
            throws LayerFormatException, PosixException {
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

    private void makeDirectory(Node.Directory parent, ByteString name, TarEntry entry, int layer)
            throws LayerFormatException, PosixException {
        if (parent.child(name) instanceof Node.Directory existing) {
            describe(existing, entry, layer);
            return;
        }
        makeWay(parent, name);
        describe(tree.addDirectory(parent, name, layer), entry, layer);
    }

    private void describe(Node.Directory directory, TarEntry entry, int layer) {
        directory.touch(layer);
        directory.describe(withoutSetIds(entry.mode()), entry.seconds(), entry.nanoseconds());
    }

    private Inode writeFile(Node.Directory parent, ByteString name, TarReader tar, TarEntry entry) throws IOException {
        // Its owner must be able to read it: a site's cache serves it to others, and verify reads it.
        int mode = withoutSetIds(entry.mode()) | 0400;
        int file = posix.openat(tree.handles().of(parent), name, CREATE, 0600);
        boolean written = false;
        try {
            for (int read = tar.read(buffer, 0, buffer.length); read >= 0; read = tar.read(buffer, 0, buffer.length)) {
                digest.update(buffer, 0, read);
                posix.write(file, buffer, 0, read);
            }
            posix.fchmod(file, mode);
            posix.futimens(file, entry.seconds(), entry.nanoseconds());
            written = true;
        } finally {
            if (!written) {
                closeQuietly(file);
            }
        }
        // The last word of a network filesystem on whether it could be stored.
        posix.close(file);
        return new Inode.RegularFile(
                mode, entry.size(), ByteString.copyOf(digest.digest()), entry.seconds(), entry.nanoseconds());
    }

    private Inode writeSymbolicLink(Node.Directory parent, ByteString name, TarEntry entry) throws IOException {
        if (entry.linkName().isEmpty()) {
            throw new LayerFormatException("a symbolic link has no target: " + entry.name());
        }
        int directory = tree.handles().of(parent);
        posix.symlinkat(entry.linkName(), directory, name);
        posix.utimensat(directory, name, entry.seconds(), entry.nanoseconds());
        return new Inode.SymbolicLink(entry.linkName(), entry.seconds(), entry.nanoseconds());
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
            posix.linkat(
                    tree.handles().of(target.parent()),
                    target.name(),
                    tree.handles().of(parent),
                    name);
        }
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

    private void makeWay(Node.Directory parent, ByteString name) throws PosixException {
        Node existing = parent.child(name);
        if (existing != null) {
            tree.remove(existing);
        }
    }

    private int withoutSetIds(int mode) {
        if ((mode & SET_IDS) != 0) {
            counts.strippedSetIds++;
        }
        return mode & ~SET_IDS;
    }

    private void closeQuietly(int file) {
        digest.reset();
        try {
            posix.close(file);
        } catch (PosixException e) {
            // The failure that brought us here says more.
        }
    }
}
