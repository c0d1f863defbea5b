// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.layer;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;

/** Files that are compressed or not, told apart by their first bytes. */
public final class Decompression {
    private Decompression() {}

    /**
     * What a file holds: of gzip or zstd decompressed, else as it is. How much that is, is the caller's to bound.
     *
     * @throws LayerFormatException when it is compressed in another way
     */
    public static InputStream of(InputStream in) throws IOException {
        PushbackInputStream whole = new PushbackInputStream(in, LayerCompression.MAGIC_BYTES);
        byte[] head = whole.readNBytes(LayerCompression.MAGIC_BYTES);
        whole.unread(head);
        return LayerCompression.detect(head, "").open(whole);
    }

    /** Whether a file that begins so is compressed. */
    public static boolean isCompressed(byte[] head) throws LayerFormatException {
        return LayerCompression.detect(head, "") != LayerCompression.NONE;
    }
}
