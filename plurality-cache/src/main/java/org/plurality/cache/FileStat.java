// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/**
 * The result of one stat of a file. Owners are numbers: to get a name would take a query to the site's directory
 * service.
 *
 * @param mode type and permissions, as {@code st_mode}
 * @param links number of the file's names
 * @param modified by the filesystem server's clock
 */
public record FileStat(int mode, long uid, int links, Instant modified) {
    private static final int FILE_TYPE = 0170000;
    private static final int DIRECTORY = 0040000;
    private static final int REGULAR = 0100000;
    private static final String WANTED = "unix:mode,uid,nlink,lastModifiedTime";

    /** Returns the stat of the name itself, even if it is a symbolic link. */
    public static FileStat of(Path path) throws IOException {
        return read(Files.readAttributes(path, WANTED, LinkOption.NOFOLLOW_LINKS));
    }

    /** Returns the stat of a symbolic link's target. */
    public static FileStat behind(Path path) throws IOException {
        return read(Files.readAttributes(path, WANTED));
    }

    public boolean isDirectory() {
        return (mode & FILE_TYPE) == DIRECTORY;
    }

    public boolean isRegular() {
        return (mode & FILE_TYPE) == REGULAR;
    }

    /** Tells whether at least one of these permission bits is set. */
    public boolean has(int bits) {
        return (mode & bits) != 0;
    }

    private static FileStat read(Map<String, Object> attributes) {
        return new FileStat(
                (Integer) Objects.requireNonNull(attributes.get("mode")),
                Integer.toUnsignedLong((Integer) Objects.requireNonNull(attributes.get("uid"))),
                (Integer) Objects.requireNonNull(attributes.get("nlink")),
                ((FileTime) Objects.requireNonNull(attributes.get("lastModifiedTime"))).toInstant());
    }
}
