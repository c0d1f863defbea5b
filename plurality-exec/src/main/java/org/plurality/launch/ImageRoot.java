// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.nio.file.Path;
import org.plurality.bundle.MountPoints;
import org.plurality.bundle.RootfsView;

/**
 * Where an image's root filesystem is.
 *
 * @param path as the runtime is told
 * @param seen the same directory as this process reaches it
 * @param writable whether what is changed in it goes to a layer of the container's own
 * @param entered whether the runtime is started in namespaces in which it is mounted, as their root user
 * @param mountInfo the mounts that the runtime will find, which are not this process's where it is started in other namespaces
 * @param points where mount points may lie
 */
record ImageRoot(Path path, Path seen, boolean writable, boolean entered, Path mountInfo, MountPoints points) {
    /** An unpacked entry as it lies in the cache. */
    static ImageRoot unpacked(Path rootfs) {
        return new ImageRoot(rootfs, rootfs, false, false, Path.of("/proc/self/mountinfo"), MountPoints.BESIDE_IMAGE);
    }

    RootfsView view() {
        return new RootfsView(seen, path);
    }
}
