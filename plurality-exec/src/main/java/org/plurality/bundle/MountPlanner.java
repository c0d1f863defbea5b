// SPDX-License-Identifier: Apache-2.0
package org.plurality.bundle;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.plurality.bundle.MountPlan.Mount;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/** Makes one {@link MountPlan}. */
final class MountPlanner {
    /** Each name costs the runtime some 0.1 ms, and the kernel allows 100,000 mounts in a namespace. */
    private static final int MAX_CHILDREN = 5000;

    /** So many binds cost no more than an overlay. */
    private static final int FEW = 3;

    /** More directories than this are not looked into. */
    private static final int MANY = 50;

    private static final Path ROOT = Path.of("/");

    /**
     * Parents before what is in them. A class, because the comparators of the library cost a waiting rank 10 ms to
     * bootstrap.
     */
    private static final class ShallowFirst implements Comparator<Path>, Serializable {
        private static final long serialVersionUID = 1;

        @Override
        public int compare(Path a, Path b) {
            int byDepth = Integer.compare(a.getNameCount(), b.getNameCount());
            return byDepth != 0 ? byDepth : a.compareTo(b);
        }
    }

    private final RootfsView image;
    private final MountPlan.Means means;
    private final BindOptions options;
    private final Skeleton skeleton;

    /** Resolved destination to what is wanted there. */
    private final Map<Path, MountRequest> wanted = new TreeMap<>(new ShallowFirst());

    /** Directories of the image that a node-local one stands in for. */
    private final Set<Path> covered = new TreeSet<>(new ShallowFirst());

    /** Directories of the image over which mount points are laid by overlayfs. */
    private final Set<Path> overlaid = new TreeSet<>(new ShallowFirst());

    /** Mount points to make in what stands in for the image's directories. */
    private final List<Path> points = new ArrayList<>();

    private final List<Mount> mounts = new ArrayList<>();
    private final List<Path> writableBelow = new ArrayList<>();

    MountPlanner(RootfsView image, MountPlan.Means means) {
        this.image = image;
        this.means = means;
        this.options = BindOptions.here(means.mounts());
        this.skeleton = new Skeleton(means.scratch());
    }

    MountPlan plan(List<? extends MountRequest> all) throws IOException, PluralityException {
        for (MountRequest one : all) {
            Path destination = image.locate(one.destination()).resolved();
            if (destination.equals(ROOT)) {
                throw unusable(one, "the root itself cannot be replaced", "choose a directory below /");
            }
            wanted.put(destination, one);
        }
        for (Map.Entry<Path, MountRequest> entry : wanted.entrySet()) {
            place(entry.getKey(), entry.getValue());
        }
        if (means.points() == MountPoints.BESIDE_IMAGE) {
            covered.add(ROOT);
        }
        covered.removeAll(overlaid);
        for (Path directory : covered) {
            cover(directory);
        }
        for (Path directory : overlaid) {
            overlay(directory);
        }
        for (Path point : points) {
            MountRequest one = wanted.get(point);
            skeleton.point(point, one == null || isDirectory(one));
        }
        skeleton.close();
        for (Map.Entry<Path, MountRequest> entry : wanted.entrySet()) {
            mounts.add(mount(entry.getKey(), entry.getValue()));
        }
        return new MountPlan(root(), mounts, writableBelow);
    }

    /** Returns the root relative to the bundle if it lies there: the runtime refuses a path with a link in it. */
    private Path root() {
        Path root = skeleton.covers(ROOT) ? skeleton.placeOf(ROOT) : image.source();
        return root.startsWith(means.scratch()) ? means.scratch().relativize(root) : root;
    }

    private Mount mount(Path destination, MountRequest one) throws IOException {
        if (one instanceof Tmpfs tmpfs) {
            return new Mount("tmpfs", Path.of("tmpfs"), destination, tmpfs.options(), tmpfs.reason());
        }
        Bind bind = (Bind) one;
        // The flags and the mounts below are those of what a link leads to.
        Path source = bind.source().startsWith(means.scratch())
                ? bind.source()
                : bind.source().toRealPath();
        if (options.leavesWritable(bind, source)) {
            writableBelow.add(bind.destination());
        }
        return Mount.bind(source, destination, options.of(bind, source), bind.reason());
    }

    /** Sees to it that there will be a mount point of the right type. */
    private void place(Path destination, MountRequest one) throws IOException, PluralityException {
        boolean directory = isDirectory(one);
        Path over = destinationAbove(destination);
        if (over != null) {
            // In one that is empty and in memory, the runtime makes mount points.
            if (wanted.get(over) instanceof Bind above) {
                placeBelow(above, above.source().resolve(over.relativize(destination)), one, directory);
            }
            return;
        }
        RootfsView.Location location = image.locate(destination);
        if (!location.isComplete() && !image.isDirectory(location.existing())) {
            throw unusable(one, location.existing() + " of the image is not a directory", "choose another destination");
        }
        if (location.isComplete()
                && (directory ? !image.isDirectory(destination) : !image.isRegularFile(destination))) {
            throw unusable(
                    one,
                    destination + " of the image is not a " + (directory ? "directory" : "regular file"),
                    "bind a " + (directory ? "file" : "directory") + " there, or choose another destination");
        }
        switch (means.points()) {
            case IN_IMAGE -> {
                if (!location.isComplete()) {
                    Skeleton.make(image.onHost(destination), directory);
                }
            }
            case ON_IMAGE -> {
                if (!location.isComplete()) {
                    covered.add(location.existing());
                    points.add(destination);
                }
            }
            case BESIDE_IMAGE -> {
                reach(location.isComplete() ? parent(destination) : location.existing());
                // In an overlay, what the image has is an entry of the overlay's.
                if (!location.isComplete() || !isOverlaid(destination)) {
                    points.add(destination);
                }
            }
        }
    }

    /** Sees to it that mount points can be made in a directory of the image. */
    private void reach(Path directory) throws IOException {
        if (directory.equals(ROOT)) {
            return;
        }
        Path top = ROOT.resolve(directory.getName(0));
        if (overlaid.contains(top) || covered.contains(directory)) {
            return;
        }
        if (directory.equals(top) && image.children(top).size() <= FEW) {
            covered.add(top);
            return;
        }
        if (canOverlay(top)) {
            overlaid.add(top);
            return;
        }
        for (Path at = directory; !at.equals(ROOT); at = parent(at)) {
            covered.add(at);
        }
    }

    private boolean isOverlaid(Path destination) {
        return destination.getNameCount() > 1 && overlaid.contains(ROOT.resolve(destination.getName(0)));
    }

    private boolean canOverlay(Path top) {
        return isPlain(top)
                && isPlain(image.source(image.onHost(top)))
                && means.overlays().work(means.scratch(), image.onHost(top));
    }

    /** Whether overlayfs takes the path as it is: colons, commas and backslashes mean something in its options. */
    static boolean isPlain(Path path) {
        String text = path.toString();
        return text.indexOf(':') < 0 && text.indexOf(',') < 0 && text.indexOf('\\') < 0 && text.length() < 2000;
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        return parent == null ? ROOT : parent;
    }

    /** A place in what is bound: the host's has to be there, our own is made. */
    private void placeBelow(Bind above, Path point, MountRequest one, boolean directory)
            throws IOException, PluralityException {
        if (above.source().startsWith(means.scratch())) {
            Skeleton.make(point, directory);
        } else if (!Files.exists(point) || Files.isDirectory(point) != directory) {
            throw unusable(
                    one,
                    "it lies in " + above.destination() + ", which is the host's " + above.source()
                            + " and has no such " + (directory ? "directory" : "file"),
                    (directory ? "make " : "make the file ") + point + " first, or choose another destination");
        }
    }

    private static boolean isDirectory(MountRequest one) {
        return !(one instanceof Bind bind) || Files.isDirectory(bind.source());
    }

    /** Returns the destination of the wanted mount that will hide this place of the image, if any. */
    private @Nullable Path destinationAbove(Path destination) {
        for (Path at = destination.getParent(); at != null && !at.equals(ROOT); at = at.getParent()) {
            if (wanted.containsKey(at)) {
                return at;
            }
        }
        return null;
    }

    /**
     * Lays a node-local directory over one of the image. Its path is relative to the root, from where the runtime
     * mounts it.
     */
    private void overlay(Path directory) throws IOException {
        skeleton.cover(directory);
        Path layer = skeleton.placeOf(ROOT).relativize(skeleton.placeOf(directory));
        mounts.add(new Mount(
                "overlay",
                Path.of("overlay"),
                directory,
                List.of("ro", "nosuid", "nodev", "lowerdir=" + layer + ":" + image.source(image.onHost(directory))),
                "the image's, with mount points in it"));
    }

    /** Makes what stands in for one directory of the image, and the mounts that give it back what it had. */
    private void cover(Path directory) throws IOException, PluralityException {
        if (!skeleton.cover(directory) && !directory.equals(ROOT)) {
            mounts.add(Mount.bind(
                    skeleton.placeOf(directory),
                    directory,
                    List.of("bind", "ro", "nosuid", "nodev", "noexec"),
                    "place for mount points that the image lacks"));
        }
        Path local = skeleton.placeOf(directory);
        List<Path> children = image.children(directory);
        if (children.size() > MAX_CHILDREN) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot bind below " + directory + ": it has " + children.size()
                            + " names in the image, more than the " + MAX_CHILDREN
                            + " that can be bound back beside a new one",
                    "choose another destination, such as /mnt, or use --writable-tmpfs");
        }
        if (directory.equals(HostTools.MOUNT_POINT)) {
            // The image has only mount points there.
            return;
        }
        boolean few = children.size() <= MANY;
        for (Path child : children) {
            giveBack(child, directory.resolve(child.getFileName()), local.resolve(child.getFileName()), few);
        }
    }

    /** @param look whether to look into directories: an empty one needs no bind */
    private void giveBack(Path child, Path destination, Path point, boolean look) throws IOException {
        if (Files.isSymbolicLink(child)) {
            Files.createSymbolicLink(point, Files.readSymbolicLink(child));
            return;
        }
        boolean directory = Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS);
        if (!directory && !Files.isRegularFile(child, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Skeleton.make(point, directory);
        boolean placed =
                wanted.containsKey(destination) || covered.contains(destination) || overlaid.contains(destination);
        if (!placed && !(look && directory && image.isEmpty(destination))) {
            Path source = image.source(child);
            mounts.add(Mount.bind(source, destination, options.ofImage(source), "of the image"));
        }
    }

    private static PluralityException unusable(MountRequest one, String why, String hint) {
        String what = one instanceof Bind bind ? "bind " + bind.source() + " at " : "mount a tmpfs at ";
        return new PluralityException(FailureKind.USAGE, "cannot " + what + one.destination() + ": " + why, hint);
    }
}
