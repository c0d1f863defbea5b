// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.archive;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.plurality.failure.PluralityException;
import org.plurality.unpack.layer.LayerFormatException;

/** A file that a stream is copied to, up to a bound. */
final class Spool implements AutoCloseable {
    private final Path file;
    private final long most;
    private final OutputStream out;
    private long bytes;

    Spool(Path file, long most) throws PluralityException {
        this.file = file;
        this.most = most;
        try {
            out = Files.newOutputStream(file);
        } catch (IOException e) {
            throw PluralityException.storage("cannot write " + file, e);
        }
    }

    void write(byte[] buffer, int length) throws LayerFormatException, PluralityException {
        bytes += length;
        if (bytes > most) {
            throw new LayerFormatException(
                    "it has more than " + most + " bytes when decompressed",
                    "if you trust it, raise max_bytes in plurality.toml or PLURALITY_MAX_BYTES");
        }
        try {
            out.write(buffer, 0, length);
        } catch (IOException e) {
            throw PluralityException.storage("cannot write " + file, e);
        }
    }

    @Override
    public void close() throws PluralityException {
        try {
            out.close();
        } catch (IOException e) {
            throw PluralityException.storage("cannot write " + file, e);
        }
    }
}
