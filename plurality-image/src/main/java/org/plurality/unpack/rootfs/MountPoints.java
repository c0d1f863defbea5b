// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import java.util.List;

/**
 * Places in an image that a container's mounts need; absolute paths within it. Links on the way to one are followed
 * within the image; where they lead to no directory, the first name on the way is replaced by one.
 *
 * @param directories made where nothing is; what is there and is no directory is replaced
 * @param ifAbsent directories made where nothing is; what is there, a link too, stays
 * @param files made empty where nothing is; a link to a regular file of the image is replaced by that file, and what
 *     else is there and is no
 *     regular file by an empty one
 * @param workingDirectory the image's WORKDIR, or empty; links on the way are followed within the image
 */
public record MountPoints(
        List<String> directories, List<String> ifAbsent, List<String> files, String workingDirectory) {
    public MountPoints {
        directories = List.copyOf(directories);
        ifAbsent = List.copyOf(ifAbsent);
        files = List.copyOf(files);
    }

    /** What {@code plurality-exec} binds. */
    public static MountPoints standard(String workingDirectory) {
        return new MountPoints(
                List.of(
                        "/proc",
                        "/sys",
                        "/dev",
                        "/tmp",
                        "/.plurality",
                        "/.plurality/usr",
                        "/.plurality/lib",
                        "/.plurality/lib64"),
                List.of("/run", "/home", "/root"),
                List.of("/etc/resolv.conf", "/etc/hosts", "/etc/passwd", "/etc/group"),
                workingDirectory);
    }
}
