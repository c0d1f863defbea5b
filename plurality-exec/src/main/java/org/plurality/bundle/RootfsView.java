// SPDX-License-Identifier: Apache-2.0
package org.plurality.bundle;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An image's root filesystem, looked at without ever leaving it: symbolic links are followed as they would be inside, with the image's root
 * as {@code /}, and {@code ..} stops there.
 *
 * <p>Reads directories and links of the entry only. An image that is changed while it is looked at could deceive it; published entries
 * are not changed.
 */
public final class RootfsView {
    private static final int MAX_LINKS = 255;

    private final Path root;
    private final Path source;

    /** @param root the directory of the root filesystem, on the host */
    public RootfsView(Path root) {
        this(root, root);
    }

    /**
     * @param root the directory of the root filesystem as this process reaches it
     * @param source as the runtime reaches it, which may be in other namespaces
     */
    public RootfsView(Path root, Path source) {
        this.root = root;
        this.source = source;
    }

    /**
     * Where a path leads.
     *
     * @param existing the deepest part of it that exists, with links resolved; absolute, in the image
     * @param missing what of the path is not there, relative; empty when all of it is
     */
    public record Location(Path existing, Path missing) {
        public boolean isComplete() {
            return missing.toString().isEmpty();
        }

        /** The whole path with the links of its existing part resolved. */
        public Path resolved() {
            return isComplete() ? existing : existing.resolve(missing);
        }
    }

    public Location locate(Path path) throws IOException {
        Deque<String> names = new ArrayDeque<>();
        for (Path name : path) {
            names.addLast(name.toString());
        }
        Path at = Path.of("/");
        int links = 0;
        while (!names.isEmpty()) {
            String name = names.removeFirst();
            if (name.equals("..")) {
                Path parent = at.getParent();
                at = parent == null ? at : parent;
                continue;
            }
            if (name.isEmpty() || name.equals(".")) {
                continue;
            }
            Path next = at.resolve(name);
            Path onHost = onHost(next);
            BasicFileAttributes found = look(onHost);
            if (found == null) {
                names.addFirst(name);
                return new Location(at, Path.of(String.join("/", names)).normalize());
            } else if (found.isSymbolicLink()) {
                if (++links > MAX_LINKS) {
                    throw new IOException("too many symbolic links in " + path);
                }
                Path target = Files.readSymbolicLink(onHost);
                for (int i = target.getNameCount() - 1; i >= 0; i--) {
                    names.addFirst(target.getName(i).toString());
                }
                at = target.isAbsolute() ? Path.of("/") : at;
            } else {
                at = next;
            }
        }
        return new Location(at, Path.of(""));
    }

    /** What is there, looked at once; null when nothing is, or when this user may not look. */
    private static @Nullable BasicFileAttributes look(Path path) {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            return null;
        }
    }

    /** Whether the path, which has no links left, is a directory. */
    public boolean isDirectory(Path path) {
        return Files.isDirectory(onHost(path), LinkOption.NOFOLLOW_LINKS);
    }

    /** Whether the path, which has no links left, is a regular file. */
    public boolean isRegularFile(Path path) {
        return Files.isRegularFile(onHost(path), LinkOption.NOFOLLOW_LINKS);
    }

    /** The names in a directory, on the host, sorted. */
    public List<Path> children(Path directory) throws IOException {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(onHost(directory))) {
            for (Path child : stream) {
                children.add(child);
            }
        }
        children.sort(null);
        return children;
    }

    /** Whether a directory has no names; false if this user may not look into it. */
    boolean isEmpty(Path directory) {
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(onHost(directory))) {
            return !stream.iterator().hasNext();
        } catch (IOException e) {
            return false;
        }
    }

    /** The root directory as the runtime reaches it. */
    Path source() {
        return source;
    }

    /** What the runtime mounts for one of {@link #children}. */
    Path source(Path child) {
        return source.resolve(root.relativize(child));
    }

    /** Where a path of the image, which has no links left, lies on the host. */
    public Path onHost(Path path) {
        return root.resolve(Path.of("/").relativize(path));
    }
}
