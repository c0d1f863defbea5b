package org.plurality.bundle;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/**
 * What is mounted where, in order, such that no mount point has to be made in the image.
 *
 * <p>A bind to a place that the image lacks is solved above the entry: the deepest directory A of the image on the way is covered by a
 * node-local directory, its <em>underlay</em>, which has mount points for everything in A and for the missing place; what A has is then
 * bound back, read-only. When A is the root, the underlay becomes the container's root.
 *
 * @param root the container's root on the host: the entry's, or the underlay of {@code /}
 * @param mounts after the root, in the order in which they are made
 */
public record MountPlan(Path root, List<Mount> mounts) {
    /** More than this in one directory would take longer to bind back than a user wants to wait. */
    private static final int MAX_CHILDREN = 1000;

    private static final Path ROOT = Path.of("/");

    /**
     * One mount of the OCI runtime specification.
     *
     * @param type {@code bind} or {@code tmpfs}
     * @param options as in {@code mount(8)}
     * @param reason for people; not part of the specification
     */
    public record Mount(String type, Path source, Path destination, List<String> options, String reason) {
        static Mount bind(Path source, Path destination, List<String> options, String reason) {
            return new Mount("bind", source, destination, options, reason);
        }
    }

    public MountPlan {
        mounts = List.copyOf(mounts);
    }

    /**
     * @param entryRoot the image's root filesystem
     * @param wanted of two with one destination the later wins
     * @param scratch a node-local directory in which underlays are made; what is bound from there is ours, and mount points are made in it
     * @throws PluralityException (USAGE) when a bind cannot be made, (STORAGE) when the entry or scratch cannot be used
     */
    public static MountPlan of(Path entryRoot, List<? extends Wanted> wanted, Path scratch, HostMounts hostMounts)
            throws PluralityException {
        return of(new RootfsView(entryRoot), false, wanted, scratch, hostMounts);
    }

    /**
     * @param image the root filesystem
     * @param writable whether missing mount points are made in it, because it is the container's own
     */
    public static MountPlan of(
            RootfsView image, boolean writable, List<? extends Wanted> wanted, Path scratch, HostMounts hostMounts)
            throws PluralityException {
        try {
            return new Planner(image, writable, scratch, hostMounts).plan(wanted);
        } catch (IOException e) {
            throw PluralityException.storage("cannot plan the mounts of " + image.source(), e);
        }
    }

    /** Parents before what is in them. A class, because the comparators of the library cost a waiting rank 10 ms to bootstrap. */
    private static final class ShallowFirst implements Comparator<Path>, Serializable {
        private static final long serialVersionUID = 1;

        @Override
        public int compare(Path a, Path b) {
            int byDepth = Integer.compare(a.getNameCount(), b.getNameCount());
            return byDepth != 0 ? byDepth : a.compareTo(b);
        }
    }

    /** The state of making one plan. */
    private static final class Planner {
        private final RootfsView image;
        private final boolean writable;
        private final Path scratch;
        private final HostMounts hostMounts;

        /** Underlays made so far. */
        private int made;

        /** Resolved destination to what is wanted there, shallow ones first. */
        private final Map<Path, Wanted> wanted = new TreeMap<>(new ShallowFirst());

        /** Covered directory of the image to what is missing below it. */
        private final Map<Path, Set<Path>> underlays = new TreeMap<>(new ShallowFirst());

        Planner(RootfsView image, boolean writable, Path scratch, HostMounts hostMounts) {
            this.image = image;
            this.writable = writable;
            this.scratch = scratch;
            this.hostMounts = hostMounts;
        }

        MountPlan plan(List<? extends Wanted> all) throws IOException, PluralityException {
            for (Wanted one : all) {
                Path destination = image.locate(one.destination()).resolved();
                if (destination.equals(ROOT)) {
                    throw unusable(one, "the root itself cannot be replaced", "choose a directory below /");
                }
                wanted.put(destination, one);
            }
            for (Map.Entry<Path, Wanted> entry : wanted.entrySet()) {
                place(entry.getKey(), entry.getValue());
            }
            List<Mount> mounts = new ArrayList<>();
            Path root = image.source();
            for (Map.Entry<Path, Set<Path>> underlay : underlays.entrySet()) {
                Path local = makeUnderlay(underlay.getKey(), underlay.getValue(), mounts);
                if (underlay.getKey().equals(ROOT)) {
                    root = local;
                }
            }
            for (Map.Entry<Path, Wanted> entry : wanted.entrySet()) {
                mounts.add(mount(entry.getKey(), entry.getValue()));
            }
            return new MountPlan(root, mounts);
        }

        private Mount mount(Path destination, Wanted one) {
            if (one instanceof Tmpfs tmpfs) {
                return new Mount("tmpfs", Path.of("tmpfs"), destination, tmpfs.options(), tmpfs.reason());
            }
            Bind bind = (Bind) one;
            return Mount.bind(bind.source(), destination, options(bind), bind.reason());
        }

        /** Sees to it that there will be a mount point of the right type. */
        private void place(Path destination, Wanted one) throws IOException, PluralityException {
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
            if (!location.isComplete()) {
                if (!image.isDirectory(location.existing())) {
                    throw unusable(
                            one,
                            location.existing() + " of the image is not a directory",
                            "choose another destination");
                }
                if (writable) {
                    makePoint(image.onHost(destination), directory);
                    return;
                }
                Set<Path> missing = underlays.get(location.existing());
                if (missing == null) {
                    missing = new LinkedHashSet<>();
                    underlays.put(location.existing(), missing);
                }
                missing.add(destination);
                return;
            }
            if (directory ? !image.isDirectory(destination) : !image.isRegularFile(destination)) {
                throw unusable(
                        one,
                        destination + " of the image is not a " + (directory ? "directory" : "regular file"),
                        "bind a " + (directory ? "file" : "directory") + " there, or choose another destination");
            }
        }

        /** A place in what is bound: the host's has to be there, our own is made. */
        private void placeBelow(Bind above, Path point, Wanted one, boolean directory)
                throws IOException, PluralityException {
            if (above.source().startsWith(scratch)) {
                makePoint(point, directory);
            } else if (!Files.exists(point) || Files.isDirectory(point) != directory) {
                throw unusable(
                        one,
                        "it lies in " + above.destination() + ", which is the host's " + above.source()
                                + " and has no such " + (directory ? "directory" : "file"),
                        (directory ? "make " : "make the file ") + point + " first, or choose another destination");
            }
        }

        private void makePoint(Path point, boolean directory) throws IOException {
            if (Files.exists(point, LinkOption.NOFOLLOW_LINKS)) {
                return;
            }
            if (directory) {
                Files.createDirectories(point);
            } else {
                Files.createDirectories(point.resolveSibling(".").normalize());
                Files.createFile(point);
            }
        }

        private static boolean isDirectory(Wanted one) {
            return !(one instanceof Bind bind) || Files.isDirectory(bind.source());
        }

        /** Where the wanted mount is that will hide this place of the image, if any. */
        private @Nullable Path destinationAbove(Path destination) {
            for (Path at = destination.getParent(); at != null && !at.equals(ROOT); at = at.getParent()) {
                if (wanted.containsKey(at)) {
                    return at;
                }
            }
            return null;
        }

        /** Makes the node-local directory that covers one directory of the image, and the mounts that give it back what it had. */
        private Path makeUnderlay(Path covered, Set<Path> missing, List<Mount> mounts)
                throws IOException, PluralityException {
            Path local = Files.createDirectories(scratch.resolve("underlay-" + made++));
            if (!covered.equals(ROOT)) {
                mounts.add(Mount.bind(
                        local,
                        covered,
                        List.of("bind", "ro", "nosuid", "nodev", "noexec"),
                        "place for mount points that the image lacks"));
            }
            List<Path> children = image.children(covered);
            if (children.size() > MAX_CHILDREN) {
                throw new PluralityException(
                        FailureKind.USAGE,
                        "cannot bind below " + covered + ": it has " + children.size()
                                + " names in the image, more than the " + MAX_CHILDREN
                                + " that can be bound back beside a new one",
                        "choose another destination, such as /mnt");
            }
            for (Path child : children) {
                Path name = child.getFileName();
                Path destination = covered.resolve(name);
                Path point = local.resolve(name);
                if (Files.isSymbolicLink(child)) {
                    Files.createSymbolicLink(point, Files.readSymbolicLink(child));
                    continue;
                }
                boolean directory = Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS);
                if (directory) {
                    Files.createDirectory(point);
                } else if (Files.isRegularFile(child, LinkOption.NOFOLLOW_LINKS)) {
                    Files.createFile(point);
                } else {
                    continue;
                }
                if (!wanted.containsKey(destination) && !underlays.containsKey(destination)) {
                    Path source = image.source(child);
                    mounts.add(Mount.bind(source, destination, imageOptions(source), "of the image"));
                }
            }
            for (Path destination : missing) {
                Wanted one = wanted.get(destination);
                makePoint(local.resolve(covered.relativize(destination)), one == null || isDirectory(one));
            }
            return local;
        }

        private List<String> imageOptions(Path source) {
            Set<String> options = new LinkedHashSet<>(List.of("bind", "ro", "nosuid", "nodev"));
            options.addAll(hostMounts.lockedFlags(source));
            return List.copyOf(options);
        }

        private List<String> options(Bind bind) {
            List<String> options = new ArrayList<>();
            // A cache or a bundle may lie below the source: a recursive bind would copy every mount made so far into
            // itself.
            options.add(bind.recursive() && hostMounts.hasMountBelow(bind.source()) ? "rbind" : "bind");
            if (bind.readOnly()) {
                options.add("ro");
                options.addAll(hostMounts.lockedFlags(bind.source()));
            }
            return options;
        }

        private static PluralityException unusable(Wanted one, String why, String hint) {
            String what = one instanceof Bind bind ? "bind " + bind.source() + " at " : "mount a tmpfs at ";
            return new PluralityException(FailureKind.USAGE, "cannot " + what + one.destination() + ": " + why, hint);
        }
    }
}
