// SPDX-License-Identifier: Apache-2.0
package org.plurality.image;

import org.plurality.failure.PluralityException;

/** A place that can send a layer from any byte on, and from which it is worth to keep what was sent: a registry. */
public interface ResumableReader extends ImageReader {
    /**
     * Sends what the transfer lacks.
     *
     * @throws PluralityException of kind INTEGRITY when the whole has another digest, whichever of its parts is to blame
     */
    void layer(BlobTransfer transfer) throws PluralityException;

    @Override
    default void layer(Descriptor layer, BlobSink sink) throws PluralityException {
        layer(new BlobTransfer(layer, sink));
    }
}
