// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import okhttp3.HttpUrl;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/**
 * {@code certs.d/HOST[:PORT]/} of a registry. {@code *.crt} are authorities that may sign the host's certificate, in
 * addition to the usual ones. {@code NAME.cert} and {@code NAME.key} are a client certificate and its key. {@code
 * ~/.config/containers}, {@code /etc/containers} and {@code /etc/docker} are searched in this order; the first with a
 * directory for the host is used.
 *
 * <p>Specification: containers-certs.d(5).
 */
final class HostCertificates {
    private static final String HUB_API_HOST = "registry-1.docker.io";

    private final List<Path> roots;

    HostCertificates(Map<String, String> environment) {
        this(List.of(
                Path.of(environment.getOrDefault("HOME", "/"), ".config", "containers", "certs.d"),
                Path.of("/etc/containers/certs.d"),
                Path.of("/etc/docker/certs.d")));
    }

    HostCertificates(List<Path> roots) {
        this.roots = List.copyOf(roots);
    }

    /** Returns the directory of a host, or empty if it has none. */
    Optional<Path> directory(HttpUrl url) {
        String host = url.host().indexOf(':') >= 0 ? "[" + url.host() + "]" : url.host();
        List<String> names = new ArrayList<>(List.of(host + ":" + url.port()));
        if (url.port() == 443) {
            names.add(host);
            if (host.equals(HUB_API_HOST)) {
                names.add("docker.io");
            }
        }
        for (Path root : roots) {
            for (String name : names) {
                Path directory = root.resolve(name);
                if (Files.isDirectory(directory)) {
                    return Optional.of(directory);
                }
            }
        }
        return Optional.empty();
    }

    static List<Path> authorities(Path directory) throws PluralityException {
        return files(directory, "*.crt");
    }

    /** Returns the client certificates for the host; they contain no key if the directory has no such files. */
    static KeyManager[] keyManagers(Path directory) throws PluralityException {
        Path reading = directory;
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (Path certificate : files(directory, "*.cert")) {
                reading = certificate;
                String name = String.valueOf(certificate.getFileName());
                Path key = certificate.resolveSibling(name.substring(0, name.length() - ".cert".length()) + ".key");
                List<Certificate> chain = CertificateBundles.read(certificate);
                reading = key;
                store.setKeyEntry(
                        name,
                        PrivateKeys.parse(Files.readAllBytes(key)),
                        new char[0],
                        chain.toArray(Certificate[]::new));
            }
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, new char[0]);
            return factory.getKeyManagers();
        } catch (IOException | GeneralSecurityException e) {
            // The message of a key's parser could quote the key.
            String why = e instanceof IOException io ? PluralityException.reasonOf(io) : "it is damaged";
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot use " + reading + ": " + why,
                    "NAME.cert and NAME.key in " + directory + " are PEM files that belong together");
        }
    }

    private static List<Path> files(Path directory, String glob) throws PluralityException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, glob)) {
            stream.forEach(files::add);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return files;
        } catch (DirectoryIteratorException | IOException e) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot read the certificates in " + directory,
                    "make it readable, or remove it",
                    e);
        }
        files.sort(null);
        return files;
    }
}
