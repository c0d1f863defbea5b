// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/**
 * The certificates that registries are verified with: the system's bundle, or the JDK's if the system has none, and
 * the files that a setting or {@code SSL_CERT_FILE} adds.
 */
public final class CertificateBundles {
    /** Bundles of Debian, of Red Hat and Fedora, and of SUSE. The first readable one is used. */
    private static final List<Path> SYSTEM = List.of(
            Path.of("/etc/ssl/certs/ca-certificates.crt"),
            Path.of("/etc/pki/tls/certs/ca-bundle.crt"),
            Path.of("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"),
            Path.of("/etc/ssl/ca-bundle.pem"));

    private final List<Path> extra;
    private final HostCertificates hosts;

    private CertificateBundles(List<Path> extra, HostCertificates hosts) {
        this.extra = List.copyOf(extra);
        this.hosts = hosts;
    }

    /** Returns a copy that reads the authorities of single hosts from other directories. */
    CertificateBundles withHosts(List<Path> certsD) {
        return new CertificateBundles(extra, new HostCertificates(certsD));
    }

    HostCertificates hosts() {
        return hosts;
    }

    public static CertificateBundles of(Optional<String> configured, Map<String, String> environment) {
        List<Path> extra = new ArrayList<>();
        configured.map(Path::of).ifPresent(extra::add);
        String fromEnvironment = environment.get("SSL_CERT_FILE");
        if (fromEnvironment != null && !fromEnvironment.isBlank()) {
            extra.add(Path.of(fromEnvironment));
        }
        return new CertificateBundles(extra, new HostCertificates(environment));
    }

    /** Reads and parses the files. Of the system's bundle, only the certificates that a server needs are parsed. */
    X509TrustManager trustManager(List<Path> more) throws PluralityException {
        Path reading = Path.of("the JDK's certificates");
        try {
            List<Certificate> certificates = new ArrayList<>();
            List<Path> files = new ArrayList<>(extra);
            files.addAll(more);
            for (Path file : files) {
                reading = file;
                certificates.addAll(read(file));
            }
            Optional<Path> bundle = SYSTEM.stream().filter(Files::isReadable).findFirst();
            if (bundle.isPresent()) {
                reading = bundle.get();
                return new BundleTrust(certificates, reading);
            }
            certificates.addAll(List.of(x509(null).getAcceptedIssuers()));
            return x509(storeOf(certificates));
        } catch (IOException | GeneralSecurityException e) {
            String why = e instanceof IOException io ? PluralityException.reasonOf(io) : "they are no PEM certificates";
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot read the certificates in " + reading + ": " + why,
                    "set PLURALITY_CA_FILE or 'ca_file' in plurality.toml, or SSL_CERT_FILE, to a PEM file",
                    e);
        }
    }

    static List<Certificate> read(Path file) throws IOException, GeneralSecurityException {
        try (InputStream stream = new BufferedInputStream(Files.newInputStream(file))) {
            return List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(stream));
        }
    }

    static KeyStore storeOf(List<Certificate> certificates) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        for (int i = 0; i < certificates.size(); i++) {
            store.setCertificateEntry("ca-" + i, certificates.get(i));
        }
        return store;
    }

    /** @param store null for the JDK's own certificates */
    static X509ExtendedTrustManager x509(@Nullable KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager x509) {
                return x509;
            }
        }
        throw new GeneralSecurityException("the JDK has no X.509 trust manager");
    }
}
