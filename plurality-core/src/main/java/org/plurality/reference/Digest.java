// SPDX-License-Identifier: Apache-2.0
package org.plurality.reference;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A content digest, {@code sha256:<64 hex>} or {@code sha512:<128 hex>} in lower case, as the OCI image specification
 * defines it. The hex digits are safe as a file name: nothing else is accepted.
 */
public record Digest(Algorithm algorithm, String hex) implements Comparable<Digest> {

    /** The registered algorithms. */
    public enum Algorithm {
        SHA256("sha256", "SHA-256", 64),
        SHA512("sha512", "SHA-512", 128);

        private final String label;
        private final String javaName;
        private final int hexLength;

        Algorithm(String label, String javaName, int hexLength) {
            this.label = label;
            this.javaName = javaName;
            this.hexLength = hexLength;
        }

        /** Returns the algorithm's name in a digest's text. */
        public String label() {
            return label;
        }

        public MessageDigest newMessageDigest() {
            try {
                return MessageDigest.getInstance(javaName);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JDK has " + javaName, e);
            }
        }
    }

    public Digest {
        if (hex.length() != algorithm.hexLength || !isLowerHex(hex)) {
            throw new IllegalArgumentException("not a " + algorithm.label + " digest: '" + hex + "'");
        }
    }

    /** @throws IllegalArgumentException if the text is not a digest of a registered algorithm */
    public static Digest parse(String text) {
        int colon = text.indexOf(':');
        if (colon > 0) {
            String label = text.substring(0, colon);
            for (Algorithm algorithm : Algorithm.values()) {
                if (algorithm.label.equals(label)) {
                    return new Digest(algorithm, text.substring(colon + 1));
                }
            }
        }
        throw new IllegalArgumentException("not a digest (sha256:… or sha512:…): '" + text + "'");
    }

    /** Returns the SHA-256 digest of these bytes. */
    public static Digest sha256(byte[] content) {
        return of(Algorithm.SHA256, Algorithm.SHA256.newMessageDigest().digest(content));
    }

    public static Digest of(Algorithm algorithm, byte[] value) {
        return new Digest(algorithm, HexFormat.of().formatHex(value));
    }

    /** Returns the first twelve hex digits: enough to tell images apart in a table, never to identify one. */
    public String abbreviated() {
        return hex.substring(0, 12);
    }

    /** Written by hand: the JVM generates a record's method on first use, which costs a waiting rank 10 ms. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Digest digest && algorithm == digest.algorithm && hex.equals(digest.hex);
    }

    @Override
    public int hashCode() {
        return hex.hashCode();
    }

    @Override
    public int compareTo(Digest other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return algorithm.label + ":" + hex;
    }

    private static boolean isLowerHex(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return false;
            }
        }
        return true;
    }
}
