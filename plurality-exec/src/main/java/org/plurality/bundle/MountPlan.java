// SPDX-License-Identifier: Apache-2.0
package org.plurality.bundle;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.plurality.failure.PluralityException;

/**
 * What is mounted where, in order, such that no mount point has to be made in an image that is shared, nor lies on one of its directory entries.
 *
 * <p>The root of a container whose image lies in a cache is a node-local directory with a mount point for each name in the image's root. Of the image's
 * top directories most are bound there. Those in which something has to be mounted get an overlay of two read-only layers: mount points above, the image's
 * directory below. Where overlayfs cannot be used, each directory on the way to such a mount point is <em>covered</em> instead: by a node-local directory, into
 * which all that the image has there is bound back.
 *
 * @param root the container's root on the host; relative to the bundle when it lies there
 * @param mounts after the root, in the order in which they are made
 * @param writableBelow destinations of read-only binds below which something stays writable, since the kernel cannot do otherwise
 */
public record MountPlan(Path root, List<Mount> mounts, List<Path> writableBelow) {

    /**
     * One mount of the OCI runtime specification.
     *
     * @param type {@code bind}, {@code tmpfs} or {@code overlay}
     * @param options as in {@code mount(8)}
     * @param reason for people; not part of the specification
     */
    public record Mount(String type, Path source, Path destination, List<String> options, String reason) {
        static Mount bind(Path source, Path destination, List<String> options, String reason) {
            return new Mount("bind", source, destination, options, reason);
        }
    }

    /**
     * How a plan is made.
     *
     * @param points where mount points may lie
     * @param scratch a node-local directory, which becomes the bundle; what is bound from there is ours, and mount points are made in it
     * @param mounts that the runtime will find
     */
    public record Means(MountPoints points, Path scratch, HostMounts mounts, Overlays overlays) {}

    public MountPlan {
        mounts = List.copyOf(mounts);
        writableBelow = List.copyOf(writableBelow);
    }

    MountPlan(Path root, List<Mount> mounts) {
        this(root, mounts, List.of());
    }

    /**
     * @param image the root filesystem
     * @param wanted of two with one destination the later wins
     * @throws PluralityException (USAGE) when a bind cannot be made, (STORAGE) when the image or scratch cannot be used
     */
    public static MountPlan of(RootfsView image, List<? extends MountRequest> wanted, Means means)
            throws PluralityException {
        try {
            return new MountPlanner(image, means).plan(wanted);
        } catch (IOException e) {
            throw PluralityException.storage("cannot plan the mounts of " + image.source(), e);
        }
    }
}
