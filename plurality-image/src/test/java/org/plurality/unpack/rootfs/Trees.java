// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.plurality.reference.Digest;

/** What lies in a directory, so that two can be compared. */
final class Trees {
    private Trees() {}

    /** Mode, time in seconds, target or digest, and the first name of the same file, by path. */
    static Map<String, String> of(Path root) throws IOException {
        Map<String, String> tree = new TreeMap<>();
        Map<Object, String> first = new HashMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : (Iterable<Path>) files.sorted()::iterator) {
                String path = root.relativize(file).toString();
                Map<String, Object> attributes = Files.readAttributes(file, "unix:mode,ino", LinkOption.NOFOLLOW_LINKS);
                long seconds = Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS)
                        .to(TimeUnit.SECONDS);
                String link = first.computeIfAbsent(Objects.requireNonNull(attributes.get("ino")), ignored -> path);
                int mode = (Integer) Objects.requireNonNull(attributes.get("mode"));
                tree.put(path, Integer.toOctalString(mode) + " " + seconds + " " + content(file) + " = " + link);
            }
        }
        return tree;
    }

    private static String content(Path file) throws IOException {
        if (Files.isSymbolicLink(file)) {
            return Files.readSymbolicLink(file).toString();
        }
        return Files.isRegularFile(file)
                ? Digest.sha256(Files.readAllBytes(file)).hex()
                : "";
    }
}
