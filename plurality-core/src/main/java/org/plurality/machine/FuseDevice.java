// SPDX-License-Identifier: Apache-2.0
package org.plurality.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The device with which users mount their own filesystems.
 *
 * @param path {@code /dev/fuse}, except in tests
 */
public record FuseDevice(Path path) {
    /** Returns this machine's device. */
    public static FuseDevice here() {
        return new FuseDevice(Path.of("/dev/fuse"));
    }

    public boolean isThere() {
        return Files.exists(path);
    }

    /**
     * Returns whether every user may open it: the user who runs an image may differ from the one who pulls it, who may
     * be root.
     */
    public boolean isOpen() {
        try {
            boolean isOpenToAll = ((Integer) Files.getAttribute(path, "unix:mode") & 0006) == 0006;
            return isOpenToAll && Files.isReadable(path) && Files.isWritable(path);
        } catch (IOException e) {
            return false;
        }
    }
}
