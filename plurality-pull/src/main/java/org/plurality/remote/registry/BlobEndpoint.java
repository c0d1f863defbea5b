// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.PluralityException;
import org.plurality.image.BlobTransfer;
import org.plurality.image.Descriptor;
import org.plurality.reference.Digest;

/**
 * {@code GET /v2/NAME/blobs/DIGEST}: size and digest are verified while the bytes pass.
 *
 * <p>What breaks off is continued with {@code Range} where it ended. A registry that refuses such a request, or answers
 * it with another range, is asked for the whole blob instead, of which the bytes that are known already are passed
 * over: a partial blob in the cache must never keep an image from being pulled.
 */
final class BlobEndpoint {
    private static final int BUFFER_BYTES = 128 << 10;
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\\*)");

    private final Routes routes;
    private final RegistryHttpClient caller;

    BlobEndpoint(Routes routes, RegistryHttpClient caller) {
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
        boolean takesRanges = true;
        while (!transfer.isWhole()) {
            PluralityException failure;
            boolean isRange = takesRanges && transfer.received() > 0;
            try (Response response = isRange ? range(url, transfer, action) : caller.get(url, Headers.EMPTY, action)) {
                pass(response, transfer, buffer, action);
                failure = caller.failures()
                        .integrity(
                                action,
                                "the registry ends it after " + transfer.received() + " of " + blob.bytes() + " bytes",
                                null);
            } catch (NoRangeException e) {
                if (isRange) {
                    takesRanges = false;
                    continue;
                }
                failure = caller.failures().transport(action, url, e);
            } catch (Broken e) {
                failure = caller.failures().transport(action, url, e.reason);
            }
            if (transfer.received() - settled >= ThroughputGuard.LEAST_BYTES) {
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

    private Response range(HttpUrl url, BlobTransfer transfer, String action)
            throws PluralityException, NoRangeException {
        String bytes = "bytes=" + transfer.received() + "-" + (transfer.blob().bytes() - 1);
        return caller.getIfTaken(url, Headers.of("Range", bytes), action).orElseThrow(NoRangeException::new);
    }

    private void pass(Response response, BlobTransfer transfer, byte[] buffer, String action)
            throws Broken, NoRangeException, PluralityException {
        long size = transfer.blob().bytes();
        ThroughputGuard pace = caller.pace();
        try (InputStream body = response.body().byteStream()) {
            long start = response.code() == 206 ? start(response.header("Content-Range"), size) : 0;
            if (start > transfer.received()) {
                throw new NoRangeException();
            }
            skip(body, transfer.received() - start, buffer, pace);
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
        } catch (NoRangeException e) {
            throw e;
        } catch (IOException e) {
            throw new Broken(e);
        }
    }

    /** Leaves the body at the byte that is wanted next, at no slower pace than what is wanted. */
    private static void skip(InputStream body, long count, byte[] buffer, ThroughputGuard pace) throws IOException {
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

    /** The offset of the first byte of a range, as {@code bytes FIRST-LAST/SIZE} has it. */
    private static long start(@Nullable String contentRange, long size) throws NoRangeException {
        Matcher range = CONTENT_RANGE.matcher(contentRange == null ? "" : contentRange);
        if (!range.matches() || !(range.group(2).equals("*") || range.group(2).equals(Long.toString(size)))) {
            throw new NoRangeException();
        }
        return Long.parseLong(range.group(1));
    }

    /** The registry does not send the range that it was asked for. */
    private static final class NoRangeException extends IOException {
        private static final long serialVersionUID = 1;

        NoRangeException() {
            super("the registry sent another range than was asked for");
        }
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
