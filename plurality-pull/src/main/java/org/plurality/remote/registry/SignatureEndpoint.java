// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Response;
import org.plurality.document.Documents;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.image.BlobTransfer;
import org.plurality.image.Descriptor;
import org.plurality.image.DescriptorDocument;
import org.plurality.image.ManifestDocument;
import org.plurality.image.ManifestType;
import org.plurality.reference.Digest;
import org.plurality.trust.StoredSignature;

/**
 * Fetches the signatures of a manifest from where cosign stores them: the layers of the tag {@code sha256-HEX.sig},
 * and the layers of manifests that refer to the manifest as cosign signatures. Reads at most {@value #MAX_SIGNATURES}
 * signatures of at most {@value #MAX_PAYLOAD_BYTES} bytes each, and ignores all others.
 */
final class SignatureEndpoint {
    static final int MAX_SIGNATURES = 50;
    static final int MAX_PAYLOAD_BYTES = 128 << 10;
    private static final int MAX_MANIFESTS = 20;

    private static final String PAYLOAD_TYPE = "application/vnd.dev.cosign.simplesigning.v1+json";
    private static final String ARTIFACT_TYPE = "application/vnd.dev.cosign.artifact.sig.v1+json";
    private static final String ANNOTATION = "dev.cosignproject.cosign/signature";

    private final Routes routes;
    private final RegistryHttpClient caller;
    private final BlobEndpoint blobs;

    SignatureEndpoint(Routes routes, RegistryHttpClient caller, BlobEndpoint blobs) {
        this.routes = routes;
        this.caller = caller;
        this.blobs = blobs;
    }

    List<StoredSignature> get(Digest manifest) throws PluralityException {
        String action = "cannot fetch the signatures of " + manifest;
        List<StoredSignature> signatures = new ArrayList<>();
        String tag = manifest.algorithm().label() + "-" + manifest.hex() + ".sig";
        Optional<ManifestDocument> tagged = document(routes.manifest(tag), ManifestType.accept(), action);
        if (tagged.isPresent()) {
            addAll(signatures, tagged.get(), action);
        }
        for (Digest referrer : referrers(manifest, action)) {
            Optional<ManifestDocument> document =
                    document(routes.manifest(referrer.toString()), ManifestType.accept(), action);
            if (document.isPresent()) {
                addAll(signatures, document.get(), action);
            }
        }
        return signatures;
    }

    private List<Digest> referrers(Digest manifest, String action) throws PluralityException {
        List<Digest> referrers = new ArrayList<>();
        Optional<ManifestDocument> index =
                document(routes.referrers(manifest), ManifestType.OCI_INDEX.mediaType(), action);
        try {
            if (index.isPresent()) {
                for (DescriptorDocument descriptor : index.get().allManifests()) {
                    if (ARTIFACT_TYPE.equals(descriptor.artifactType()) && referrers.size() < MAX_MANIFESTS) {
                        referrers.add(Descriptor.of(descriptor).digest());
                    }
                }
            }
        } catch (IOException e) {
            throw notUnderstood(action);
        }
        return referrers;
    }

    private void addAll(List<StoredSignature> signatures, ManifestDocument manifest, String action)
            throws PluralityException {
        try {
            for (DescriptorDocument layer : manifest.allLayers()) {
                String signature = layer.annotation(ANNOTATION);
                if (signatures.size() < MAX_SIGNATURES && signature != null && PAYLOAD_TYPE.equals(layer.mediaType())) {
                    Descriptor payload = Descriptor.of(layer);
                    if (payload.bytes() <= MAX_PAYLOAD_BYTES) {
                        signatures.add(new StoredSignature(payload(payload), signature));
                    }
                }
            }
        } catch (IOException e) {
            throw notUnderstood(action);
        }
    }

    private byte[] payload(Descriptor payload) throws PluralityException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream((int) payload.bytes());
        blobs.get(
                new BlobTransfer(payload, (buffer, length) -> bytes.write(buffer, 0, length)),
                "the signature " + payload.digest());
        return bytes.toByteArray();
    }

    /**
     * Returns a document, or empty if it does not exist. The document is not verified: the signature protects its
     * content.
     */
    private Optional<ManifestDocument> document(HttpUrl url, String accept, String action) throws PluralityException {
        Attempts attempts = caller.attempts();
        while (true) {
            byte[] bytes;
            try (Response response = caller.get(url, Headers.of("Accept", accept), action);
                    InputStream body = response.body().byteStream()) {
                bytes = caller.pace().readSome(body, ManifestEndpoint.MAX_BYTES + 1);
            } catch (PluralityException e) {
                if (e.kind() == FailureKind.NOT_FOUND) {
                    return Optional.empty();
                }
                throw e;
            } catch (IOException e) {
                attempts.pauseOrThrow(Optional.empty(), caller.failures().transport(action, url, e));
                continue;
            }
            if (bytes.length > ManifestEndpoint.MAX_BYTES) {
                throw notUnderstood(action);
            }
            try {
                return Optional.of(Documents.read(bytes, ManifestDocument.class));
            } catch (IOException e) {
                throw notUnderstood(action);
            }
        }
    }

    /** Returns an error without a cause, since the cause would quote what the registry sent. */
    private PluralityException notUnderstood(String action) {
        return caller.failures().integrity(action, "what the registry has there is no signature", null);
    }
}
