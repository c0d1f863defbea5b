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
 * {@code GET /v2/NAME/blobs/DIGEST}. Verifies size and digest while the bytes pass.
 *
 * <p>An interrupted transfer continues where it stopped, with {@code Range}. If the registry refuses the range, or
 * answers with a different one, the whole blob is requested and the known bytes are skipped: a partial blob in the
 * cache must never prevent an image from being pulled.
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

    /** Fetches the blob; returns once all bytes are received and verified. */
    void get(BlobTransfer transfer, String what) throws PluralityException {
        get(routes.blob(transfer.blob().digest()), transfer, "cannot fetch " + what);
    }

    /** Fetches the blob from the given URL, which may be outside of the repository. */
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
                // If fewer bytes counted as progress, a registry that trickles could go on permanently.
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

    /** Skips {@code count} bytes of the body. The guard demands the same pace here as for the bytes that follow. */
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

    /** Returns the offset of the first byte of a range, parsed from {@code bytes FIRST-LAST/SIZE}. */
    private static long start(@Nullable String contentRange, long size) throws NoRangeException {
        Matcher range = CONTENT_RANGE.matcher(contentRange == null ? "" : contentRange);
        if (!range.matches() || !(range.group(2).equals("*") || range.group(2).equals(Long.toString(size)))) {
            throw new NoRangeException();
        }
        return Long.parseLong(range.group(1));
    }

    /** Thrown when the registry does not send the requested range. */
    private static final class NoRangeException extends IOException {
        private static final long serialVersionUID = 1;

        NoRangeException() {
            super("the registry sent another range than was asked for");
        }
    }

    /** A failure of the connection, as opposed to one of the sink. */
    private static final class Broken extends Exception {
        private static final long serialVersionUID = 1;
        final IOException reason;

        Broken(IOException reason) {
            super(reason);
            this.reason = reason;
        }
    }
}
