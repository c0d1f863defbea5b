// SPDX-License-Identifier: Apache-2.0
package org.plurality.bundle;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An empty filesystem in memory, which goes with the container.
 *
 * @param destination in the container, absolute
 * @param sizeBytes the most that it holds, or 0 for the kernel's default of half the memory
 * @param mode of its root, octal digits
 * @param readOnly whether nothing can be written there
 * @param reason why it is there, for people
 */
public record Tmpfs(Path destination, long sizeBytes, String mode, boolean readOnly, String reason)
        implements MountRequest {
    public Tmpfs {
        if (!destination.isAbsolute()) {
            throw new IllegalArgumentException("the destination '" + destination + "' is not absolute");
        }
        destination = destination.normalize();
        for (int i = 0; i < mode.length(); i++) {
            if (mode.charAt(i) < '0' || mode.charAt(i) > '7') {
                throw new IllegalArgumentException("the mode '" + mode + "' is not octal digits");
            }
        }
        if (mode.isEmpty() || mode.length() > 4 || sizeBytes < 0) {
            throw new IllegalArgumentException("the mode '" + mode + "' or the size " + sizeBytes + " is none");
        }
    }

    List<String> options() {
        List<String> options = new ArrayList<>(List.of("nosuid", "nodev", "mode=" + mode));
        if (sizeBytes > 0) {
            options.add("size=" + sizeBytes);
        }
        if (readOnly) {
            options.add("ro");
        }
        return options;
    }
}
