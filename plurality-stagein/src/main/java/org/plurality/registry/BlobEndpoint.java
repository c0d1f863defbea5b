package org.plurality.registry;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Optional;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.PluralityException;
import org.plurality.image.BlobSink;
import org.plurality.image.Descriptor;
import org.plurality.reference.Digest;

/**
 * {@code GET /v2/NAME/blobs/DIGEST}: size and digest are verified while the bytes pass. What breaks off is taken up again with {@code
 * Range} where it ended; a registry that answers such a request with the whole blob is heard from the start, and what is known already
 * passed over.
 */
final class BlobEndpoint {
    private static final int BUFFER_BYTES = 128 << 10;

    private final Routes routes;
    private final Caller caller;

    BlobEndpoint(Routes routes, Caller caller) {
        this.routes = routes;
        this.caller = caller;
    }

    /** Returns once all bytes went to the sink and were found to be right. */
    void get(Descriptor blob, BlobSink sink, String what) throws PluralityException {
        String action = "cannot fetch " + what;
        HttpUrl url = routes.blob(blob.digest());
        MessageDigest hash = blob.digest().algorithm().newMessageDigest();
        byte[] buffer = new byte[BUFFER_BYTES];
        Attempts attempts = caller.attempts();
        long offset = 0;
        while (offset < blob.bytes()) {
            long before = offset;
            PluralityException failure;
            try (Response response = caller.get(url, range(offset, blob.bytes()), action)) {
                offset = pass(response, blob, offset, hash, buffer, sink, action);
                failure = caller.failures()
                        .integrity(
                                action,
                                "the registry ends it after " + offset + " of " + blob.bytes() + " bytes",
                                null);
            } catch (Broken e) {
                offset = e.offset;
                failure = caller.failures().transport(action, url, e.reason);
            }
            if (offset > before) {
                attempts.progressed();
            }
            if (offset < blob.bytes()) {
                attempts.pauseOrThrow(Optional.empty(), failure);
            }
        }
        Digest actual = Digest.of(blob.digest().algorithm(), hash.digest());
        if (!actual.equals(blob.digest())) {
            throw caller.failures()
                    .integrity(action, "its bytes have the digest " + actual + ", not " + blob.digest(), null);
        }
    }

    private long pass(
            Response response,
            Descriptor blob,
            long start,
            MessageDigest hash,
            byte[] buffer,
            BlobSink sink,
            String action)
            throws Broken, PluralityException {
        long offset = start;
        try (InputStream body = response.body().byteStream()) {
            skipKnown(response, body, start, blob.bytes());
            while (true) {
                int read = body.read(buffer);
                if (read < 0) {
                    return offset;
                }
                if (offset + read > blob.bytes()) {
                    throw caller.failures()
                            .integrity(
                                    action,
                                    "it is larger than the " + blob.bytes() + " bytes that its manifest says",
                                    null);
                }
                hash.update(buffer, 0, read);
                sink.write(buffer, read);
                offset += read;
            }
        } catch (IOException e) {
            throw new Broken(offset, e);
        }
    }

    /** Leaves the body at the byte that is wanted next. */
    private static void skipKnown(Response response, InputStream body, long start, long size) throws IOException {
        if (response.code() == 206) {
            if (!startsAt(response.header("Content-Range"), start, size)) {
                throw new IOException("the registry sent another range than was asked for");
            }
        } else {
            body.skipNBytes(start);
        }
    }

    private static boolean startsAt(@Nullable String contentRange, long start, long size) {
        if (contentRange == null || !contentRange.startsWith("bytes " + start + "-")) {
            return false;
        }
        String total = contentRange.substring(contentRange.indexOf('/') + 1);
        return total.equals("*") || total.equals(Long.toString(size));
    }

    private static Headers range(long offset, long size) {
        return offset == 0 ? Headers.EMPTY : Headers.of("Range", "bytes=" + offset + "-" + (size - 1));
    }

    /** The connection's failure, not the sink's, and how far it came. */
    private static final class Broken extends Exception {
        private static final long serialVersionUID = 1;
        final long offset;
        final IOException reason;

        Broken(long offset, IOException reason) {
            super(reason);
            this.offset = offset;
            this.reason = reason;
        }
    }
}
