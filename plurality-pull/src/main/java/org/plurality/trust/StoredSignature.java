// SPDX-License-Identifier: Apache-2.0
package org.plurality.trust;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.plurality.document.Documents;
import org.plurality.reference.Digest;

/** A payload and what claims to be its signature. */
public final class StoredSignature {
    /** What cosign, and those who make signatures like it, call theirs. */
    private static final String TYPE = "cosign container image signature";

    private final byte[] payload;
    private final String signature;

    /** @param signature in base64, as the annotation has it */
    public StoredSignature(byte[] payload, String signature) {
        this.payload = payload.clone();
        this.signature = signature;
    }

    /**
     * What was signed.
     *
     * @param manifest the digest of the manifest or index
     * @param reference the name under which, as it stands there
     */
    public record Claim(Digest manifest, String reference) {}

    /** Whether the key made it. What the payload says counts only then. */
    public boolean isBy(SigningKey key) {
        try {
            return key.verifies(payload, Base64.getDecoder().decode(signature.strip()));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** What was signed, as it stands (containers-signature(5)). */
    private record Payload(
            @Nullable Critical critical, @Nullable Object optional) {
        private record Critical(
                @Nullable String type,
                @Nullable Image image,
                @Nullable Identity identity) {}

        private record Image(
                @Nullable @JsonProperty("docker-manifest-digest")
                String dockerManifestDigest) {}

        private record Identity(
                @Nullable @JsonProperty("docker-reference") String dockerReference) {}
    }

    /**
     * @throws IOException when the payload is no image's, or says more than is known; the message quotes nothing of it
     */
    public Claim claim() throws IOException {
        Payload read;
        try {
            read = Documents.readExactly(payload, Payload.class);
        } catch (IOException e) {
            throw new IOException("it is not in the form of containers-signature(5)");
        }
        Payload.Critical critical = present(read.critical());
        if (!present(critical.type()).equals(TYPE)) {
            throw new IOException("it signs something that is no image");
        }
        try {
            return new Claim(
                    Digest.parse(present(present(critical.image()).dockerManifestDigest())),
                    present(present(critical.identity()).dockerReference()));
        } catch (IllegalArgumentException e) {
            throw new IOException("it names no digest that is read here");
        }
    }

    private static <T> T present(@Nullable T value) throws IOException {
        if (value == null) {
            throw new IOException("it is not in the form of containers-signature(5)");
        }
        return value;
    }
}
