// SPDX-License-Identifier: Apache-2.0
package org.plurality.fake;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Base64;
import org.plurality.reference.Digest;

/** Signs images as cosign does with a key pair, and puts the signatures where cosign does. */
public final class FakeSigner {
    private final KeyPair keys;
    private final String algorithm;

    public FakeSigner(String keyAlgorithm, int bits, String signatureAlgorithm) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(keyAlgorithm);
        if (bits > 0) {
            generator.initialize(bits);
        }
        keys = generator.generateKeyPair();
        algorithm = signatureAlgorithm;
    }

    /** The key that cosign makes. */
    public static FakeSigner p256() throws GeneralSecurityException {
        return new FakeSigner("EC", 256, "SHA256withECDSA");
    }

    public String pem() {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'})
                        .encodeToString(keys.getPublic().getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }

    public Path write(Path file) throws IOException {
        return Files.writeString(file, pem());
    }

    /** What cosign signs. */
    public static byte[] payload(String reference, Digest manifest) {
        return FakeImage.utf8("{\"critical\":{\"identity\":{\"docker-reference\":\"" + reference
                + "\"},\"image\":{\"docker-manifest-digest\":\"" + manifest
                + "\"},\"type\":\"cosign container image signature\"},\"optional\":null}");
    }

    public String sign(byte[] payload) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(keys.getPrivate());
        signature.update(payload);
        return Base64.getEncoder().encodeToString(signature.sign());
    }

    /** A signature's manifest, and its payload as a blob; where it is to be found is the caller's to say. */
    public static byte[] attach(FakeRegistry registry, byte[] payload, String signature) {
        byte[] config = FakeImage.utf8("{}");
        registry.blob(Digest.sha256(config), config);
        registry.blob(Digest.sha256(payload), payload);
        return ("{\"schemaVersion\":2,\"mediaType\":\"" + FakeImage.MANIFEST_TYPE + "\",\"config\":{\"mediaType\":\""
                        + "application/vnd.oci.image.config.v1+json\",\"digest\":\"" + Digest.sha256(config)
                        + "\",\"size\":2},\"layers\":[{\"mediaType\":\"application/vnd.dev.cosign.simplesigning.v1+json\","
                        + "\"digest\":\"" + Digest.sha256(payload) + "\",\"size\":" + payload.length
                        + ",\"annotations\":{\"dev.cosignproject.cosign/signature\":\"" + signature + "\"}}]}")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Signs a manifest, and tags the signature as cosign does. */
    public void publish(FakeRegistry registry, String reference, Digest manifest) throws GeneralSecurityException {
        byte[] payload = payload(reference, manifest);
        registry.manifest(tag(manifest), attach(registry, payload, sign(payload)), FakeImage.MANIFEST_TYPE);
    }

    public static String tag(Digest manifest) {
        return "sha256-" + manifest.hex() + ".sig";
    }
}
