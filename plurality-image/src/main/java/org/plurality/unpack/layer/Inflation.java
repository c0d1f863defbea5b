// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.layer;

import java.util.zip.DataFormatException;

/** Decompresses raw deflate (RFC 1951), one stream after another. */
interface Inflation extends AutoCloseable {
    /** As much as {@link #unread} may give back. */
    int MOST_UNREAD = 8;

    /** The fastest that this host has. */
    static Inflation create() {
        return IgzipInflation.isUsable() ? new IgzipInflation() : new ZlibInflation();
    }

    /** Begins another stream. */
    void reset();

    /** The input that follows what was set before; to be left alone until it {@linkplain #needsInput() is read}. */
    void setInput(byte[] bytes, int offset, int length);

    /** @return how many bytes were put at {@code offset}; 0 when it is finished or needs input */
    int inflate(byte[] output, int offset, int length) throws DataFormatException;

    boolean needsInput();

    boolean isFinished();

    /**
     * Gives back what follows the stream, once it is finished: its bytes end at {@code end}, where those that were set last ended, and up to
     * {@value #MOST_UNREAD} of them may be of input set before.
     *
     * @return how many
     */
    int unread(byte[] bytes, int end);

    @Override
    void close();
}
