// SPDX-License-Identifier: Apache-2.0
package org.plurality.bundle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The node-local directories that stand in for directories of the image ("covered" ones), with mount points in them.
 * If the parent of a covered directory is covered too, the stand-in of the one lies in that of the other.
 */
final class Skeleton {
    /** Nobody removes a mount point by accident, as {@code rm -rf /tmp/*} in a job would: see {@link #close}. */
    private static final int CLOSED = 0555;

    private final Path scratch;

    /** Covered directory of the image to its stand-in, parents first. */
    private final Map<Path, Path> places = new TreeMap<>();

    private final Set<Path> opened = new LinkedHashSet<>();
    private int made;

    Skeleton(Path scratch) {
        this.scratch = scratch;
    }

    /**
     * Makes the stand-in of a directory, parents first.
     *
     * @return whether it lies in that of its parent, and so is not mounted by itself
     */
    boolean cover(Path directory) throws IOException {
        Path parent = directory.getParent();
        Path above = parent == null ? null : places.get(parent);
        Path place = above == null ? scratch.resolve("underlay-" + made++) : above.resolve(directory.getFileName());
        Files.createDirectories(place);
        places.put(directory, place);
        opened.add(place);
        return above != null;
    }

    boolean covers(Path directory) {
        return places.containsKey(directory);
    }

    Path placeOf(Path covered) {
        Path place = places.get(covered);
        if (place == null) {
            throw new IllegalStateException(covered + " is not covered");
        }
        return place;
    }

    /** Makes a mount point below a covered directory. */
    void point(Path destination, boolean directory) throws IOException {
        Path above = nearest(destination);
        Path top = placeOf(above);
        Path point = top.resolve(above.relativize(destination));
        make(point, directory);
        for (Path parent = point.getParent(); parent != null && !parent.equals(top); parent = parent.getParent()) {
            opened.add(parent);
        }
    }

    /** Makes a file or a directory, with what leads to it, where there is none. */
    static void make(Path point, boolean directory) throws IOException {
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

    /** Takes the permission to write from the directories. Who removes them has to give it back first. */
    void close() throws IOException {
        for (Path directory : opened) {
            Files.setAttribute(directory, "unix:mode", CLOSED);
        }
    }

    private Path nearest(Path path) {
        for (Path at = path.getParent(); at != null; at = at.getParent()) {
            if (covers(at)) {
                return at;
            }
        }
        throw new IllegalStateException(path + " is not below a covered directory");
    }
}
