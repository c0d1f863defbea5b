// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plurality.posix.ByteString;
import org.plurality.unpack.layer.LayerFormatException;
import org.plurality.unpack.layer.UnpackLimits;

/**
 * Makes mount points in the finished tree. What it makes belongs to no layer and has the time 0, so that trees compare
 * equal.
 */
final class MountPointMaker {
    private static final int LAYER = Integer.MAX_VALUE;
    private static final RootfsTree.Origin ORIGIN = new RootfsTree.Origin(LAYER, 0, 0);
    private static final ByteString TMP = ByteString.utf8("tmp");

    private final RootfsTree tree;
    private final RootfsBackend medium;
    private final UnpackLimits limits;

    MountPointMaker(RootfsTree tree, RootfsBackend medium, UnpackLimits limits) {
        this.tree = tree;
        this.medium = medium;
        this.limits = limits;
    }

    void make(MountPoints mountPoints) throws IOException {
        for (String directory : mountPoints.directories()) {
            Place place = place(directory);
            if (!(place.node() instanceof Node.Directory)) {
                place.clear(tree);
                makeDirectory(place);
            }
        }
        for (String directory : mountPoints.ifAbsent()) {
            Place place = place(directory);
            if (!place.isTaken()) {
                place.clear(tree);
                makeDirectory(place);
            }
        }
        for (String file : mountPoints.files()) {
            Place place = place(file);
            if (!(place.node() instanceof Node.Leaf leaf && leaf.inode() instanceof Inode.RegularFile)) {
                Node.Leaf target = target(place);
                place.clear(tree);
                if (target == null) {
                    makeFile(place);
                } else {
                    linkFile(place, target);
                }
            }
        }
        ByteString workingDirectory = ByteString.utf8(mountPoints.workingDirectory());
        if (workingDirectory.length() > limits.maxPathLength() || workingDirectory.indexOf('\0', 0) >= 0) {
            throw new LayerFormatException("the image's WORKDIR is too long or holds a NUL: " + workingDirectory);
        }
        // As the kernel will walk it, ".." included.
        tree.make(EntryName.split(workingDirectory), ORIGIN);
        medium.settle();
    }

    private record Place(Node.Directory parent, ByteString name) {
        @Nullable
        Node node() {
            return parent.child(name);
        }

        boolean isTaken() {
            return node() != null && !(node() instanceof Node.Leaf leaf && leaf.inode() instanceof Inode.Omitted);
        }

        void clear(RootfsTree tree) throws IOException {
            Node node = node();
            if (node != null) {
                tree.remove(node);
            }
        }
    }

    private Place place(String path) throws IOException {
        List<ByteString> components = EntryName.components(ByteString.utf8(path), limits);
        return new Place(parent(components.subList(0, components.size() - 1)), components.getLast());
    }

    /** What leads to no directory, such as a file or a link in a circle at {@code /etc}, gives way to one. */
    private Node.Directory parent(List<ByteString> components) throws IOException {
        try {
            return tree.make(components, ORIGIN);
        } catch (LayerFormatException e) {
            Place first = new Place(tree.root(), components.getFirst());
            first.clear(tree);
            medium.settle();
            return tree.make(components, ORIGIN);
        }
    }

    private void makeDirectory(Place place) throws IOException {
        int mode = place.name().equals(TMP) && place.parent().isRoot() ? 01777 : 0755;
        tree.addDirectory(place.parent(), place.name(), LAYER).describe(mode, 0, 0);
    }

    /** The file that a link at the place leads to, as in images of Nix, whose {@code /etc/passwd} lies in the store. */
    private Node.@Nullable Leaf target(Place place) throws IOException {
        try {
            return tree.file(place.parent(), place.name());
        } catch (LayerFormatException e) {
            // A circle of links leads to no file.
            return null;
        }
    }

    private void linkFile(Place place, Node.Leaf target) throws IOException {
        tree.checkPlace(place.parent(), place.name());
        medium.makeHardLink(target, place.parent(), place.name());
        target.inode().link();
        tree.add(new Node.Leaf(place.parent(), place.name(), LAYER, target.inode()));
    }

    private void makeFile(Place place) throws IOException {
        tree.checkPlace(place.parent(), place.name());
        Inode.RegularFile file = Inode.RegularFile.empty(0644);
        medium.makeFile(place.parent(), place.name(), file, (buffer, offset, length) -> -1);
        tree.add(new Node.Leaf(place.parent(), place.name(), LAYER, file));
    }
}
