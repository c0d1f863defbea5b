// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.layer;

import java.io.IOException;
import java.io.InputStream;

/**
 * A decompressor of a library, with its failures told apart from those of its source: whatever it throws by itself
 * means that the data is damaged.
 */
final class ForeignStream extends InputStream {
    private final String kind;
    private final InputStream plain;

    /** Makes the decompressor. */
    @FunctionalInterface
    interface Opener {
        InputStream open(InputStream compressed) throws IOException;
    }

    /** Reads from it. */
    @FunctionalInterface
    private interface Reading<T> {
        T run() throws IOException;
    }

    /** @param kind for messages */
    ForeignStream(String kind, InputStream compressed, Opener opener) throws IOException {
        this.kind = kind;
        BlobInput source = new BlobInput(compressed);
        this.plain = guarded(kind, () -> opener.open(source));
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        return guarded(kind, () -> plain.read(buffer, offset, length));
    }

    @Override
    public void close() throws IOException {
        plain.close();
    }

    private static <T> T guarded(String kind, Reading<T> reading) throws IOException {
        try {
            return reading.run();
        } catch (BlobReadException e) {
            throw e.failure();
        } catch (LayerFormatException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new LayerFormatException("its " + kind + " data is damaged (" + e.getMessage() + ")");
        }
    }
}
