// SPDX-License-Identifier: Apache-2.0
package org.plurality.image;

import java.security.MessageDigest;
import org.plurality.failure.PluralityException;
import org.plurality.reference.Digest;

/**
 * A blob on its way, whoever sends it: how far it came, and the hash of what came. A place that breaks off can be followed by another, which
 * goes on where the first ended. For one thread.
 */
public final class BlobTransfer {
    private final Descriptor blob;
    private final BlobSink sink;
    private final MessageDigest hash;
    private long received;

    public BlobTransfer(Descriptor blob, BlobSink sink) {
        this.blob = blob;
        this.sink = sink;
        this.hash = blob.digest().algorithm().newMessageDigest();
    }

    public Descriptor blob() {
        return blob;
    }

    /** Bytes so far, which are the offset of the next. */
    public long received() {
        return received;
    }

    public boolean isWhole() {
        return received >= blob.bytes();
    }

    /** The next bytes, when the receiver had them before: they are hashed and go to no sink. */
    public void known(byte[] buffer, int length) {
        hash.update(buffer, 0, length);
        received += length;
    }

    /** The next bytes. */
    public void accept(byte[] buffer, int length) throws PluralityException {
        hash.update(buffer, 0, length);
        sink.write(buffer, length);
        received += length;
    }

    /** Of all that was received. Once. */
    public Digest digest() {
        return Digest.of(blob.digest().algorithm(), hash.digest());
    }
}
