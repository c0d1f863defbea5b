// SPDX-License-Identifier: Apache-2.0
package org.plurality.bundle;

import java.nio.file.Path;

/**
 * A file or directory of the host that is wanted in the container.
 *
 * @param source on the host, absolute
 * @param destination in the container, absolute
 * @param readOnly whether the container may not write there
 * @param recursive whether mounts below the source come along
 * @param reason why it is there, for people
 */
public record Bind(Path source, Path destination, boolean readOnly, boolean recursive, String reason)
        implements MountRequest {
    public Bind {
        if (!source.isAbsolute() || !destination.isAbsolute()) {
            throw new IllegalArgumentException("a bind's paths are absolute: " + source + ":" + destination);
        }
        destination = destination.normalize();
    }
}
