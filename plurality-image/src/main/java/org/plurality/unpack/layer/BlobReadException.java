// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.layer;

import java.io.IOException;

/** The source of the blob failed, as its owner knows best: its exception is the cause. */
public final class BlobReadException extends IOException {
    private static final long serialVersionUID = 1;

    private final IOException failure;

    BlobReadException(IOException failure) {
        super(failure.getMessage(), failure);
        this.failure = failure;
    }

    /** What the blob's stream threw. */
    public IOException failure() {
        return failure;
    }
}
