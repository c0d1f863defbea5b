package org.plurality.rootfs;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plurality.layer.LayerFormatException;
import org.plurality.layer.UnpackLimits;
import org.plurality.posix.ByteString;
import org.plurality.posix.Fcntl;
import org.plurality.posix.Posix;
import org.plurality.posix.PosixException;
import org.plurality.reference.Digest;

/** Makes mount points in the finished tree. What it makes belongs to no layer and has the time 0, so that trees compare equal. */
final class MountPointMaker {
    private static final int LAYER = Integer.MAX_VALUE;
    private static final RootfsTree.Origin ORIGIN = new RootfsTree.Origin(LAYER, 0, 0);
    private static final ByteString TMP = ByteString.utf8("tmp");

    private final Posix posix;
    private final RootfsTree tree;
    private final UnpackLimits limits;

    MountPointMaker(Posix posix, RootfsTree tree, UnpackLimits limits) {
        this.posix = posix;
        this.tree = tree;
        this.limits = limits;
    }

    void make(MountPoints mountPoints) throws LayerFormatException, PosixException {
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
                place.clear(tree);
                makeFile(place);
            }
        }
        ByteString workingDirectory = ByteString.utf8(mountPoints.workingDirectory());
        if (workingDirectory.length() > limits.maxPathLength() || workingDirectory.indexOf('\0', 0) >= 0) {
            throw new LayerFormatException("the image's WORKDIR is too long or holds a NUL: " + workingDirectory);
        }
        // As the kernel will walk it, ".." included.
        tree.make(EntryName.split(workingDirectory), ORIGIN);
        tree.handles().trim();
    }

    private record Place(Node.Directory parent, ByteString name) {
        @Nullable
        Node node() {
            return parent.child(name);
        }

        boolean isTaken() {
            return node() != null && !(node() instanceof Node.Leaf leaf && leaf.inode() instanceof Inode.Omitted);
        }

        void clear(RootfsTree tree) throws PosixException {
            Node node = node();
            if (node != null) {
                tree.remove(node);
            }
        }
    }

    private Place place(String path) throws LayerFormatException, PosixException {
        List<ByteString> components = EntryName.components(ByteString.utf8(path), limits);
        return new Place(parent(components.subList(0, components.size() - 1)), components.getLast());
    }

    /** What leads to no directory, such as a file or a link in a circle at {@code /etc}, gives way to one. */
    private Node.Directory parent(List<ByteString> components) throws LayerFormatException, PosixException {
        try {
            return tree.make(components, ORIGIN);
        } catch (LayerFormatException e) {
            Place first = new Place(tree.root(), components.getFirst());
            first.clear(tree);
            tree.handles().trim();
            return tree.make(components, ORIGIN);
        }
    }

    private void makeDirectory(Place place) throws LayerFormatException, PosixException {
        int mode = place.name().equals(TMP) && place.parent().isRoot() ? 01777 : 0755;
        tree.addDirectory(place.parent(), place.name(), LAYER).describe(mode, 0, 0);
    }

    private void makeFile(Place place) throws LayerFormatException, PosixException {
        tree.checkPlace(place.parent(), place.name());
        int file = posix.openat(
                tree.handles().of(place.parent()),
                place.name(),
                Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_EXCL | Fcntl.O_NOFOLLOW | Fcntl.O_CLOEXEC,
                0600);
        try {
            posix.fchmod(file, 0644);
            posix.futimens(file, 0, 0);
        } finally {
            posix.close(file);
        }
        ByteString sha256 =
                ByteString.copyOf(Digest.Algorithm.SHA256.newMessageDigest().digest());
        tree.add(new Node.Leaf(place.parent(), place.name(), LAYER, new Inode.RegularFile(0644, 0, sha256, 0, 0)));
    }
}
