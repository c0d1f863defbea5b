// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import okhttp3.Headers;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.image.Manifest;
import org.plurality.image.ManifestParser;
import org.plurality.image.ManifestType;
import org.plurality.reference.Digest;

/** {@code GET /v2/NAME/manifests/REFERENCE}: a document of at most {@value #MAX_BYTES} bytes, verified. */
final class ManifestEndpoint {
    static final int MAX_BYTES = 4 << 20;

    private final Routes routes;
    private final RegistryHttpClient caller;

    ManifestEndpoint(Routes routes, RegistryHttpClient caller) {
        this.routes = routes;
        this.caller = caller;
    }

    /**
     * @param expected the digest that the bytes must have, or null for a tag, of which they are the truth
     * @param name of the image, for errors
     */
    Manifest get(String tagOrDigest, @Nullable Digest expected, String name) throws PluralityException {
        String action = "cannot fetch the manifest of " + name;
        Attempts attempts = caller.attempts();
        while (true) {
            try (Response response =
                    caller.get(routes.manifest(tagOrDigest), Headers.of("Accept", ManifestType.accept()), action)) {
                return read(response, expected, action);
            } catch (IOException e) {
                // The answer broke off in its body.
                attempts.pauseOrThrow(
                        Optional.empty(), caller.failures().transport(action, routes.manifest(tagOrDigest), e));
            }
        }
    }

    /** Some proxies compress what nobody asked them to. The digest is that of the document. */
    private static InputStream decoded(InputStream body, @Nullable String encoding) throws IOException {
        boolean isGzip = encoding != null && Set.of("gzip", "x-gzip").contains(encoding.toLowerCase(Locale.ROOT));
        return isGzip ? new GZIPInputStream(body) : body;
    }

    private Manifest read(Response response, @Nullable Digest expected, String action)
            throws IOException, PluralityException {
        byte[] bytes;
        try (InputStream body = response.body().byteStream();
                InputStream document = decoded(body, response.header("Content-Encoding"))) {
            bytes = caller.pace().readSome(document, MAX_BYTES + 1);
        } catch (ZipException e) {
            throw caller.failures().integrity(action, "it claims to be compressed with gzip, but is not", null);
        }
        if (bytes.length > MAX_BYTES) {
            throw caller.failures().integrity(action, "it is larger than " + MAX_BYTES + " bytes", null);
        }
        Digest.Algorithm algorithm = expected == null ? Digest.Algorithm.SHA256 : expected.algorithm();
        Digest actual = Digest.of(algorithm, algorithm.newMessageDigest().digest(bytes));
        if (expected != null && !expected.equals(actual)) {
            throw caller.failures()
                    .integrity(action, "its bytes have the digest " + actual + ", not " + expected, null);
        }
        try {
            return ManifestParser.parse(actual, bytes, response.header("Content-Type"));
        } catch (IOException e) {
            throw new PluralityException(
                    FailureKind.INTEGRITY,
                    action + ": " + RegistryErrors.printable(String.valueOf(e.getMessage())),
                    "pull a container image (OCI, or Docker schema 2); push it anew with a current tool if it is older",
                    e);
        }
    }
}
