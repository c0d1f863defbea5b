// SPDX-License-Identifier: Apache-2.0
package org.plurality.image;

import org.plurality.failure.PluralityException;

/** Where a blob's bytes go, in order. What it throws ends the transfer. */
@FunctionalInterface
public interface BlobSink {
    void write(byte[] buffer, int length) throws PluralityException;
}
