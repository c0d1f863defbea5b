// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.function.LongConsumer;
import org.plurality.reference.Digest;

/** The digest of a file's bytes. */
public final class FileDigest {
    private static final int BUFFER_BYTES = 1 << 20;

    private FileDigest() {}

    public static Digest of(Path file) throws IOException {
        return of(file, Digest.Algorithm.SHA256, _ -> {});
    }

    /** @param read is called with the size in bytes of each part that was read */
    public static Digest of(Path file, Digest.Algorithm algorithm, LongConsumer read) throws IOException {
        MessageDigest sum = algorithm.newMessageDigest();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            for (int part = in.read(buffer); part >= 0; part = in.read(buffer)) {
                sum.update(buffer, 0, part);
                read.accept(part);
            }
        }
        return new Digest(algorithm, HexFormat.of().formatHex(sum.digest()));
    }
}
