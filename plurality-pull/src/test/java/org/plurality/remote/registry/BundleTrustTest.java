// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against chains that OpenSSL makes: root, intermediate and server; another root of the same name; a server that signs itself. */
@Tag("slow")
class BundleTrustTest {
    @TempDir
    private Path directory;

    private Path bundle;
    private Openssl openssl;

    @BeforeEach
    void makeCertificates() throws Exception {
        openssl = new Openssl(directory);
        Files.writeString(directory.resolve("ca.ext"), "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n");
        Files.writeString(directory.resolve("server.ext"), "subjectAltName=DNS:registry.test\n");
        for (String root : List.of("root", "twin")) {
            authority(root, "/O=Düsseldorf/CN=The root", root);
        }
        authority("stranger", "/CN=stranger", "stranger");
        authority("between", "/CN=between", "root");
        authority("twin-between", "/CN=between", "twin");
        certificate("server", "/CN=registry.test", "between", "server.ext");
        certificate("other", "/CN=registry.test", "twin-between", "server.ext");
        certificate("lost", "/CN=registry.test", "stranger", "server.ext");
        bundle = directory.resolve("bundle.pem");
        Files.writeString(
                bundle,
                "# Größe\n" + pem("unused") + "# root\n" + pem("root").replace("\n", "\r\n") + pem("twin"),
                StandardCharsets.UTF_8);
    }

    @Test
    void aChainIsTrustedAsByTheWholeBundle() throws Exception {
        BundleTrust trust = new BundleTrust(List.of(), bundle);
        accepts(trust, "server", "between");
        accepts(trust, "other", "twin-between");
        accepts(trust, "server", "between", "root");
        refuses(trust, "lost", "stranger");
        refuses(trust, "lost");
        // The intermediate of another root of the same name did not sign it.
        refuses(trust, "server", "twin-between");
        refuses(trust, "server");
        assertThat(trust.getAcceptedIssuers()).isEmpty();
    }

    @Test
    void whatIsGivenBesidesIsTrustedToo() throws Exception {
        BundleTrust trust = new BundleTrust(List.of(parsed("stranger")), bundle);
        accepts(trust, "lost");
        accepts(trust, "server", "between");
        // A server's own certificate in the bundle.
        Files.writeString(bundle, pem("lost"));
        accepts(new BundleTrust(List.of(), bundle), "lost");
    }

    @Test
    void namesAreFoundInEveryCertificateOfASystem() throws Exception {
        Path system = Path.of("/etc/ssl/certs/ca-certificates.crt");
        if (!Files.isReadable(system)) {
            return;
        }
        List<Certificate> all = CertificateBundles.read(system);
        assertThat(all).hasSizeGreaterThan(10).allSatisfy(certificate -> assertThat(
                        BundleTrust.subjectOf(certificate.getEncoded()))
                .isEqualTo(ByteBuffer.wrap(((X509Certificate) certificate)
                        .getSubjectX500Principal()
                        .getEncoded())));
    }

    @Test
    void whatIsNoCertificateIsNoTrouble() throws Exception {
        String begin = "-----BEGIN CERTIFICATE-----\n";
        String end = "\n-----END CERTIFICATE-----\n";
        String text = pem("root");
        Files.writeString(bundle, begin + "MAA=" + end + begin + "%%%" + end + begin + end + text);
        accepts(new BundleTrust(List.of(), bundle), "server", "between");
        byte[] root = parsed("root").getEncoded();
        for (int length = 0; length < root.length / 2; length++) {
            byte[] part = Arrays.copyOf(root, length);
            assertThatThrownBy(() -> BundleTrust.subjectOf(part)).isInstanceOf(RuntimeException.class);
        }
        Files.writeString(bundle, begin + "MAA=");
        assertThatThrownBy(() -> new BundleTrust(List.of(), bundle)).isInstanceOf(CertificateException.class);
    }

    private void accepts(BundleTrust trust, String... names) {
        assertThatCode(() -> trust.checkServerTrusted(chain(names), "UNKNOWN")).doesNotThrowAnyException();
    }

    private void refuses(BundleTrust trust, String... names) {
        assertThatThrownBy(() -> trust.checkServerTrusted(chain(names), "UNKNOWN"))
                .isInstanceOf(CertificateException.class);
    }

    private X509Certificate[] chain(String... names) throws Exception {
        List<X509Certificate> chain = new ArrayList<>();
        for (String name : names) {
            chain.add(parsed(name));
        }
        return chain.toArray(new X509Certificate[0]);
    }

    private X509Certificate parsed(String name) throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(directory.resolve(name + ".pem"))));
    }

    private String pem(String name) throws Exception {
        if (!Files.exists(directory.resolve(name + ".pem"))) {
            authority(name, "/CN=" + name, name);
        }
        return Files.readString(directory.resolve(name + ".pem"));
    }

    private void authority(String name, String subject, String issuer) throws Exception {
        certificate(name, subject, issuer, "ca.ext");
    }

    private void certificate(String name, String subject, String issuer, String extensions) throws Exception {
        openssl.run("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", name + ".key");
        openssl.run("req", "-utf8", "-new", "-key", name + ".key", "-subj", subject, "-out", name + ".csr");
        List<String> sign = new ArrayList<>(List.of(
                "x509", "-req", "-in", name + ".csr", "-days", "30", "-extfile", extensions, "-out", name + ".pem"));
        sign.addAll(
                name.equals(issuer)
                        ? List.of("-signkey", name + ".key")
                        : List.of(
                                "-CA",
                                issuer + ".pem",
                                "-CAkey",
                                issuer + ".key",
                                "-set_serial",
                                "" + name.hashCode()));
        openssl.run(sign.toArray(new String[0]));
    }
}
