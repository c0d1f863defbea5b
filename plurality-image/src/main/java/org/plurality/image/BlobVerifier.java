// SPDX-License-Identifier: Apache-2.0
package org.plurality.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import org.plurality.failure.PluralityException;
import org.plurality.reference.Digest;

/** Reads blobs from where they lie, and finds out whether they are what they should be. */
public final class BlobVerifier {
    private static final int BUFFER_BYTES = 128 << 10;

    private BlobVerifier() {}

    /** What a blob has instead of what it should have, in words that follow "cannot read …: ". */
    public static final class Mismatch extends IOException {
        private static final long serialVersionUID = 1;

        public Mismatch(String message) {
            super(message);
        }
    }

    /**
     * Passes all of a stream on.
     *
     * @throws Mismatch when size or digest differ
     * @throws IOException what the stream threw
     */
    public static void copy(InputStream from, Digest digest, long bytes, BlobSink sink)
            throws IOException, PluralityException {
        MessageDigest hash = digest.algorithm().newMessageDigest();
        byte[] buffer = new byte[BUFFER_BYTES];
        long total = 0;
        for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
            total += read;
            if (total > bytes) {
                throw new Mismatch("it is larger than the " + bytes + " bytes that it should have");
            }
            hash.update(buffer, 0, read);
            sink.write(buffer, read);
        }
        if (total < bytes) {
            throw new Mismatch("it ends after " + total + " of " + bytes + " bytes");
        }
        Digest actual = Digest.of(digest.algorithm(), hash.digest());
        if (!actual.equals(digest)) {
            throw new Mismatch("its bytes have the digest " + actual + ", not " + digest);
        }
    }

    /** A small blob's bytes. */
    public static byte[] read(InputStream from, Digest digest, long bytes, long most)
            throws IOException, PluralityException {
        if (bytes > most) {
            throw new Mismatch("it is larger than " + most + " bytes");
        }
        ByteArrayOutputStream read = new ByteArrayOutputStream((int) bytes);
        copy(from, digest, bytes, (buffer, length) -> read.write(buffer, 0, length));
        return read.toByteArray();
    }
}
