package org.plurality.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The device that users mount filesystems of their own with.
 *
 * @param path {@code /dev/fuse}, but in tests
 */
public record FuseDevice(Path path) {
    /** This machine's. */
    public static FuseDevice here() {
        return new FuseDevice(Path.of("/dev/fuse"));
    }

    public boolean isThere() {
        return Files.exists(path);
    }

    /** Whether any user may open it: who runs an image need not be who stages it in, which may be root. */
    public boolean isOpen() {
        try {
            boolean isOpenToAll = ((Integer) Files.getAttribute(path, "unix:mode") & 0006) == 0006;
            return isOpenToAll && Files.isReadable(path) && Files.isWritable(path);
        } catch (IOException e) {
            return false;
        }
    }
}
