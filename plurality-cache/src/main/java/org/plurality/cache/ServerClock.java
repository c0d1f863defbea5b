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

    /** One create, write, stat and unlink. */
    public Instant now() throws IOException {
        Path probe = OwnedName.in(directory, "clock");
        try {
            Files.write(probe, new byte[] {'\n'}, StandardOpenOption.CREATE_NEW);
            return Files.getLastModifiedTime(probe).toInstant();
        } finally {
            Files.deleteIfExists(probe);
        }
    }
}
