// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * Reads private keys in PEM: PKCS #8, and OpenSSL's older formats for RSA (PKCS #1) and EC (SEC 1). The older formats
 * are wrapped in PKCS #8, the only format that the JDK reads. No error quotes a key.
 */
final class PrivateKeys {
    /** {@code INTEGER 0}, and {@code SEQUENCE {rsaEncryption, NULL}}. */
    private static final byte[] RSA_HEAD = HexFormat.of().parseHex("020100300d06092a864886f70d0101010500");

    private static final byte[] VERSION_0 = HexFormat.of().parseHex("020100");

    /** The object identifier of EC keys. */
    private static final byte[] EC_OID = HexFormat.of().parseHex("06072a8648ce3d0201");

    private PrivateKeys() {}

    static PrivateKey parse(byte[] pem) throws IOException {
        String text = new String(pem, StandardCharsets.ISO_8859_1);
        if (text.contains("ENCRYPTED")) {
            throw new IOException("the key needs a passphrase; store it without one");
        }
        byte[] encoded;
        if (text.contains("-----BEGIN RSA PRIVATE KEY-----")) {
            encoded = sequence(RSA_HEAD, tagged(0x04, body(text, "RSA PRIVATE KEY")));
        } else if (text.contains("-----BEGIN EC PRIVATE KEY-----")) {
            byte[] key = body(text, "EC PRIVATE KEY");
            encoded = sequence(VERSION_0, sequence(EC_OID, curve(key)), tagged(0x04, key));
        } else {
            encoded = body(text, "PRIVATE KEY");
        }
        for (String kind : List.of("EC", "RSA", "Ed25519")) {
            try {
                return KeyFactory.getInstance(kind).generatePrivate(new PKCS8EncodedKeySpec(encoded));
            } catch (GeneralSecurityException e) {
                // The key is of another kind.
            }
        }
        throw new IOException("it is no EC, RSA or Ed25519 key");
    }

    private static byte[] body(String text, String label) throws IOException {
        String head = "-----BEGIN " + label + "-----";
        int begin = text.indexOf(head);
        int end = text.indexOf("-----END " + label + "-----");
        if (begin < 0 || end < begin) {
            throw new IOException("it has no private key in PEM");
        }
        try {
            return Base64.getMimeDecoder().decode(text.substring(begin + head.length(), end));
        } catch (IllegalArgumentException e) {
            throw new IOException("its PEM is damaged");
        }
    }

    /** Returns the curve's identifier from {@code SEQUENCE {1, OCTET STRING, [0] curve, …}}. */
    private static byte[] curve(byte[] key) throws IOException {
        int at = skipHead(key, 0);
        at = skip(key, at);
        at = skip(key, at);
        if (at >= key.length || (key[at] & 0xff) != 0xa0) {
            throw new IOException("the EC key does not say its curve");
        }
        int start = skipHead(key, at);
        return Arrays.copyOfRange(key, start, skip(key, at));
    }

    private static int skip(byte[] der, int at) throws IOException {
        int start = skipHead(der, at);
        int length = length(der, at);
        if (length > der.length - start) {
            throw new IOException("its encoding is damaged");
        }
        return start + length;
    }

    private static int skipHead(byte[] der, int at) throws IOException {
        if (at + 1 >= der.length) {
            throw new IOException("its encoding is damaged");
        }
        int first = der[at + 1] & 0xff;
        return at + 2 + (first < 0x80 ? 0 : first & 0x7f);
    }

    private static int length(byte[] der, int at) throws IOException {
        int first = der[at + 1] & 0xff;
        if (first < 0x80) {
            return first;
        }
        int length = 0;
        int digits = first & 0x7f;
        if (digits > 3 || at + 2 + digits > der.length) {
            throw new IOException("its encoding is damaged");
        }
        for (int i = 0; i < digits; i++) {
            length = (length << 8) | (der[at + 2 + i] & 0xff);
        }
        return length;
    }

    private static byte[] sequence(byte[]... parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            bytes.writeBytes(part);
        }
        return tagged(0x30, bytes.toByteArray());
    }

    private static byte[] tagged(int tag, byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(tag);
        if (content.length < 0x80) {
            bytes.write(content.length);
        } else {
            bytes.write(0x82);
            bytes.write(content.length >> 8);
            bytes.write(content.length);
        }
        bytes.writeBytes(content);
        return bytes.toByteArray();
    }
}
