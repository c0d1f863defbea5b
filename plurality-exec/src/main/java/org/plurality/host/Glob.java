// SPDX-License-Identifier: Apache-2.0
package org.plurality.host;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** File names with {@code *}, which stands for any characters but a slash. */
final class Glob {
    private Glob() {}

    static boolean matches(String pattern, String name) {
        int star = pattern.indexOf('*');
        if (star < 0) {
            return pattern.equals(name);
        }
        if (!name.startsWith(pattern.substring(0, star))) {
            return false;
        }
        String rest = pattern.substring(star + 1);
        for (int i = star; i <= name.length(); i++) {
            if (matches(rest, name.substring(i))) {
                return true;
            }
        }
        return false;
    }

    /** What is there, sorted; only the last name of the pattern may have stars. */
    static List<Path> files(String pattern) throws IOException {
        Path path = Path.of(pattern);
        Path parent = path.getParent();
        Path last = path.getFileName();
        if (parent == null || last == null || pattern.indexOf('*') < 0) {
            return Files.exists(path) ? List.of(path) : List.of();
        }
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(parent)) {
            try (DirectoryStream<Path> children = Files.newDirectoryStream(parent)) {
                for (Path child : children) {
                    if (matches(last.toString(), child.getFileName().toString())) {
                        found.add(child);
                    }
                }
            }
        }
        found.sort(null);
        return found;
    }
}
