// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.plurality.process.ProcessIdentity;

/**
 * Names of files that are there for a moment: each is new, and says whose process made it. So what a killed one left is told from what
 * another is just writing, also before anything is in it.
 */
public final class OwnerTaggedName {
    private OwnerTaggedName() {}

    /** @param what the file is for, to show */
    public static Path in(Path directory, String what) throws IOException {
        return directory.resolve(
                what + '-' + random() + '~' + ProcessIdentity.current().toName());
    }

    /** A UUID that nobody guesses, from the kernel's generator: {@code SecureRandom} costs a waiting rank 10 ms to load providers. */
    public static UUID random() throws IOException {
        ByteBuffer bytes;
        try (InputStream generator = Files.newInputStream(Path.of("/dev/urandom"))) {
            bytes = ByteBuffer.wrap(generator.readNBytes(16));
        }
        return new UUID(bytes.getLong(), bytes.getLong());
    }

    /** Who made a file; empty when its name does not say. */
    public static Optional<ProcessIdentity> ownerOf(Path file) {
        return ProcessIdentity.inName(String.valueOf(file.getFileName()));
    }
}
