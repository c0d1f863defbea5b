// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.layer;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A blob's bytes, counted, with the failures of their source told apart from those of the decompressor. */
final class BlobInput extends FilterInputStream {
    private long count;

    BlobInput(InputStream blob) {
        super(blob);
    }

    long count() {
        return count;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        try {
            int read = in.read(buffer, offset, length);
            count += Math.max(0, read);
            return read;
        } catch (IOException e) {
            throw new BlobReadException(e);
        }
    }

    /** Leaves the blob open: it is its owner's to close. */
    @Override
    public void close() {}
}
