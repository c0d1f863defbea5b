// SPDX-License-Identifier: Apache-2.0
package org.plurality.trust;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;

/**
 * A public key that signs images: PEM, {@code BEGIN PUBLIC KEY}. EC keys sign with ECDSA and SHA-256, RSA keys of at least 2048 bits with PKCS
 * #1 v1.5 and SHA-256, and Ed25519 keys, as sigstore's libraries do.
 */
public final class SigningKey {
    private static final String BEGIN = "-----BEGIN PUBLIC KEY-----";
    private static final String END = "-----END PUBLIC KEY-----";
    private static final int LEAST_RSA_BITS = 2048;

    private final PublicKey key;
    private final String algorithm;

    private SigningKey(PublicKey key, String algorithm) {
        this.key = key;
        this.algorithm = algorithm;
    }

    /** @throws IOException when it is no such key; the message says why and quotes nothing */
    public static SigningKey parse(byte[] pem) throws IOException {
        String text = new String(pem, StandardCharsets.ISO_8859_1);
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END);
        if (text.contains("PRIVATE KEY")) {
            throw new IOException("it is a private key; name the public one");
        }
        if (begin < 0 || end < begin + BEGIN.length() || text.indexOf(BEGIN, begin + 1) >= 0) {
            throw new IOException("it is not one public key in PEM (" + BEGIN + ")");
        }
        byte[] der;
        try {
            der = Base64.getMimeDecoder().decode(text.substring(begin + BEGIN.length(), end));
        } catch (IllegalArgumentException e) {
            throw new IOException("its PEM is damaged");
        }
        for (String kind : List.of("EC", "RSA", "Ed25519")) {
            try {
                return of(KeyFactory.getInstance(kind).generatePublic(new X509EncodedKeySpec(der)));
            } catch (GeneralSecurityException e) {
                // Of another kind.
            }
        }
        throw new IOException("it is neither an EC, an RSA nor an Ed25519 key");
    }

    private static SigningKey of(PublicKey key) throws IOException {
        if (key instanceof ECPublicKey) {
            return new SigningKey(key, "SHA256withECDSA");
        }
        if (key instanceof RSAPublicKey rsa) {
            if (rsa.getModulus().bitLength() < LEAST_RSA_BITS) {
                throw new IOException("its " + rsa.getModulus().bitLength() + " bits are too few");
            }
            return new SigningKey(key, "SHA256withRSA");
        }
        return new SigningKey(key, "Ed25519");
    }

    boolean verifies(byte[] content, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(key);
            verifier.update(content);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            // Not even the form of a signature.
            return false;
        }
    }
}
