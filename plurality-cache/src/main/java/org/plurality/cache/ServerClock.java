// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;

/**
 * The filesystem server's time, taken from a file just written. Ages of files are differences to this, never to the local clock, which
 * may be hours off.
 */
public final class ServerClock {
    private final Path directory;

    /** @param directory where a probe file may be made, on the filesystem whose time is wanted */
    public ServerClock(Path directory) {
        this.directory = directory;
    }

    /** One create, write, stat and unlink. Where there is no room for a byte, the time at which the file was made is as good. */
    public Instant now() throws IOException {
        Path probe = OwnerTaggedName.in(directory, "clock");
        try {
            Files.createFile(probe);
            try {
                Files.write(probe, new byte[] {'\n'}, StandardOpenOption.WRITE);
            } catch (IOException e) {
                // A full cache is emptied by those who have to know the time.
            }
            return Files.getLastModifiedTime(probe).toInstant();
        } finally {
            Files.deleteIfExists(probe);
        }
    }
}
