// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;

/**
 * The filesystem server's time, taken from a file just written. Ages of files are differences to this time, never to
 * the local clock, which may be hours off.
 */
public final class ServerClock {
    private final Path directory;

    /** @param directory in which a probe file may be created, on the filesystem whose time is needed */
    public ServerClock(Path directory) {
        this.directory = directory;
    }

    /**
     * Returns the time. Costs one create, write, stat and unlink. If there is no room for a byte, the time of the
     * file's creation is used.
     */
    public Instant now() throws IOException {
        Path probe = OwnerTaggedName.in(directory, "clock");
        try {
            Files.createFile(probe);
            try {
                Files.write(probe, new byte[] {'\n'}, StandardOpenOption.WRITE);
            } catch (IOException e) {
                // A full cache is emptied by processes that need the time.
            }
            return Files.getLastModifiedTime(probe).toInstant();
        } finally {
            Files.deleteIfExists(probe);
        }
    }
}
