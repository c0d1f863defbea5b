package org.plurality.signature;

import java.io.IOException;
import java.util.Base64;
import org.plurality.json.JsonObject;
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

    /** @throws IOException when the payload is no image's; the message quotes nothing of it */
    public Claim claim() throws IOException {
        JsonObject critical = JsonObject.parse(payload).object("critical");
        if (!critical.string("type").equals(TYPE)) {
            throw new IOException("it signs something that is no image");
        }
        try {
            return new Claim(
                    Digest.parse(critical.object("image").string("docker-manifest-digest")),
                    critical.object("identity").string("docker-reference"));
        } catch (IllegalArgumentException e) {
            throw new IOException("it names no digest that is read here");
        }
    }
}
