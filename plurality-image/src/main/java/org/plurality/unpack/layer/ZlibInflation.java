// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.layer;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** The JDK's. */
final class ZlibInflation implements Inflation {
    private final Inflater inflater = new Inflater(true);

    @Override
    public void reset() {
        inflater.reset();
    }

    @Override
    public void setInput(byte[] bytes, int offset, int length) {
        inflater.setInput(bytes, offset, length);
    }

    @Override
    public int inflate(byte[] output, int offset, int length) throws DataFormatException {
        return inflater.inflate(output, offset, length);
    }

    @Override
    public boolean needsInput() {
        return inflater.needsInput();
    }

    @Override
    public boolean isFinished() {
        return inflater.finished();
    }

    @Override
    public int unread(byte[] bytes, int end) {
        return inflater.getRemaining();
    }

    @Override
    public void close() {
        inflater.end();
    }
}
