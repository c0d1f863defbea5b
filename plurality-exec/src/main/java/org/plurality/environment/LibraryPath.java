// SPDX-License-Identifier: Apache-2.0
package org.plurality.environment;

import java.util.ArrayList;
import java.util.List;

/**
 * Where libraries of the host are in the container, around those that image and user name.
 *
 * @param before directories that win over the image's: an MPI that takes the place of the image's
 * @param behind directories for what the image does not have: a driver's libraries
 */
public record LibraryPath(List<String> before, List<String> behind) {
    public static final LibraryPath NONE = new LibraryPath(List.of(), List.of());

    public LibraryPath {
        before = List.copyOf(before);
        behind = List.copyOf(behind);
    }

    /** @param path a value of {@code LD_LIBRARY_PATH}, or empty */
    String around(String path) {
        if (before.isEmpty() && behind.isEmpty()) {
            return path;
        }
        List<String> parts = new ArrayList<>(before);
        if (!path.isEmpty()) {
            parts.add(path);
        }
        parts.addAll(behind);
        return String.join(":", parts);
    }
}
