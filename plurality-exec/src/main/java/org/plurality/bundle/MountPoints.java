// SPDX-License-Identifier: Apache-2.0
package org.plurality.bundle;

/** A place for the mount points of a container. */
public enum MountPoints {
    /** The image, which is the container's own and writable: missing ones are made there. */
    IN_IMAGE,
    /** The image as it is mounted on this node: nothing elsewhere can change its directory entries. */
    ON_IMAGE,
    /**
     * Directories of this node, beside the image: the image lies on a filesystem that other hosts may change. An
     * NFS client detaches what is mounted on a directory entry, in all namespaces, when it finds the entry or one
     * above it renamed.
     */
    BESIDE_IMAGE
}
