package org.plurality.registry;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.PluralityException;
import org.plurality.image.BlobTransfer;
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

    /** Returns once all bytes are received and were found to be right. */
    void get(BlobTransfer transfer, String what) throws PluralityException {
        get(routes.blob(transfer.blob().digest()), transfer, "cannot fetch " + what);
    }

    /** The same from another place. */
    void get(HttpUrl url, BlobTransfer transfer, String action) throws PluralityException {
        Descriptor blob = transfer.blob();
        byte[] buffer = new byte[BUFFER_BYTES];
        Attempts attempts = caller.attempts();
        long settled = transfer.received();
        while (!transfer.isWhole()) {
            PluralityException failure;
            try (Response response = caller.get(url, range(transfer.received(), blob.bytes()), action)) {
                pass(response, transfer, buffer, action);
                failure = caller.failures()
                        .integrity(
                                action,
                                "the registry ends it after " + transfer.received() + " of " + blob.bytes() + " bytes",
                                null);
            } catch (Broken e) {
                failure = caller.failures().transport(action, url, e.reason);
            }
            if (transfer.received() - settled >= Pace.LEAST_BYTES) {
                // Less than that would let a registry that trickles go on for ever.
                attempts.progressed();
                settled = transfer.received();
            }
            if (!transfer.isWhole()) {
                attempts.pauseOrThrow(Optional.empty(), failure);
            }
        }
        Digest actual = transfer.digest();
        if (!actual.equals(blob.digest())) {
            throw caller.failures()
                    .integrity(action, "its bytes have the digest " + actual + ", not " + blob.digest(), null);
        }
    }

    private void pass(Response response, BlobTransfer transfer, byte[] buffer, String action)
            throws Broken, PluralityException {
        long size = transfer.blob().bytes();
        Pace pace = caller.pace();
        try (InputStream body = response.body().byteStream()) {
            if (response.code() != 206) {
                skip(body, transfer.received(), buffer, pace);
            } else if (!startsAt(response.header("Content-Range"), transfer.received(), size)) {
                throw new IOException("the registry sent another range than was asked for");
            }
            while (true) {
                int read = body.read(buffer);
                if (read < 0) {
                    return;
                }
                if (transfer.received() + read > size) {
                    throw caller.failures()
                            .integrity(action, "it is larger than the " + size + " bytes that its manifest says", null);
                }
                transfer.accept(buffer, read);
                pace.passed(read);
            }
        } catch (IOException e) {
            throw new Broken(e);
        }
    }

    /** Leaves the body at the byte that is wanted next, at no slower pace than what is wanted. */
    private static void skip(InputStream body, long count, byte[] buffer, Pace pace) throws IOException {
        long left = count;
        while (left > 0) {
            int read = body.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                throw new EOFException("it ends before what is wanted");
            }
            left -= read;
            pace.passed(read);
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

    /** The connection's failure, not the sink's. */
    private static final class Broken extends Exception {
        private static final long serialVersionUID = 1;
        final IOException reason;

        Broken(IOException reason) {
            super(reason);
            this.reason = reason;
        }
    }
}
