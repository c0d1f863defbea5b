// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.ECPrivateKey;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against keys that OpenSSL writes. */
class PrivateKeysTest {
    @TempDir
    private Path directory;

    @Test
    void everyFormThatOpensslWritesIsRead() throws Exception {
        Openssl openssl = new Openssl(directory);
        openssl.run("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "rsa.p8");
        openssl.run("rsa", "-traditional", "-in", "rsa.p8", "-out", "rsa.p1");
        openssl.run("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-out", "ec.p8");
        openssl.run("ec", "-in", "ec.p8", "-out", "ec.sec1");
        openssl.run("ecparam", "-name", "prime256v1", "-genkey", "-out", "ec.both");
        openssl.run("genpkey", "-algorithm", "ed25519", "-out", "ed.p8");
        assertThat(read("rsa.p8").getAlgorithm()).isEqualTo("RSA");
        assertThat(read("rsa.p1")).isEqualTo(read("rsa.p8"));
        assertThat(((ECPrivateKey) read("ec.sec1")).getS()).isEqualTo(((ECPrivateKey) read("ec.p8")).getS());
        assertThat(read("ec.both").getAlgorithm()).isEqualTo("EC");
        assertThat(read("ed.p8").getAlgorithm()).startsWith("Ed");
    }

    @Test
    void damagedKeysAreRefusedWithoutAQuotation() {
        for (String text : List.of(
                "canary",
                "-----BEGIN PRIVATE KEY-----\ncanary%\n-----END PRIVATE KEY-----",
                "-----BEGIN EC PRIVATE KEY-----\nMAAA\n-----END EC PRIVATE KEY-----",
                "-----BEGIN EC PRIVATE KEY-----\nMIL//////w==\n-----END EC PRIVATE KEY-----",
                "-----BEGIN EC PRIVATE KEY-----\n\n-----END EC PRIVATE KEY-----",
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\ncanary\n-----END ENCRYPTED PRIVATE KEY-----")) {
            assertThatThrownBy(() -> PrivateKeys.parse(text.getBytes(StandardCharsets.US_ASCII)))
                    .isInstanceOf(java.io.IOException.class)
                    .hasMessageNotContaining("canary");
        }
    }

    private java.security.PrivateKey read(String name) throws Exception {
        return PrivateKeys.parse(Files.readAllBytes(directory.resolve(name)));
    }
}
