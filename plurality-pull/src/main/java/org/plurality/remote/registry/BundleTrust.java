// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Trusts a server if the JDK's own trust manager would trust it with these certificates. Only certificates that the
 * server's chain may lead to are parsed, since parsing all 140 of a system's bundle takes longer than fetching an
 * image's manifest. A subset never trusts more than the whole bundle, so a chain that the subset accepts is accepted.
 * A chain that the subset refuses is checked against the whole bundle, because the same name can be encoded in several
 * ways.
 *
 * <p>Thread-safe.
 */
final class BundleTrust extends X509ExtendedTrustManager {
    private static final String BEGIN = "-----BEGIN CERTIFICATE-----";
    private static final String END = "-----END CERTIFICATE-----";

    private final List<Certificate> always;
    private final Path bundle;
    private final Map<ByteBuffer, List<byte[]>> bySubject = new HashMap<>();
    private final Set<ByteBuffer> asked = new HashSet<>();
    private final Set<Certificate> chosen = new LinkedHashSet<>();
    private @Nullable X509ExtendedTrustManager some;
    private @Nullable X509ExtendedTrustManager all;

    /**
     * @param always certificates that are parsed already
     * @param bundle PEM file with many certificates
     */
    BundleTrust(List<Certificate> always, Path bundle) throws IOException, GeneralSecurityException {
        this.always = List.copyOf(always);
        this.bundle = bundle;
        this.some = always.isEmpty() ? null : managerOf(always);
        // ISO-8859-1 maps every byte to one character: the text between certificates may have any encoding.
        String text = Files.readString(bundle, StandardCharsets.ISO_8859_1);
        int begin = text.indexOf(BEGIN);
        while (begin >= 0) {
            int from = begin + BEGIN.length();
            int to = text.indexOf(END, from);
            if (to < 0) {
                throw new CertificateException("a certificate does not end");
            }
            index(text.substring(from, to));
            begin = text.indexOf(BEGIN, to);
        }
    }

    private void index(String base64) {
        try {
            byte[] certificate = Base64.getMimeDecoder().decode(base64);
            bySubject
                    .computeIfAbsent(subjectOf(certificate), _ -> new ArrayList<>())
                    .add(certificate);
        } catch (IllegalArgumentException | IndexOutOfBoundsException | BufferUnderflowException e) {
            // Parsing the whole bundle reports this certificate.
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        check(chain, manager -> manager.checkServerTrusted(chain, type));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        check(chain, manager -> manager.checkServerTrusted(chain, type, socket));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        check(chain, manager -> manager.checkServerTrusted(chain, type, engine));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw new CertificateException("nobody is served here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        throw new CertificateException("nobody is served here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        throw new CertificateException("nobody is served here");
    }

    /** Returns nothing: only a server needs issuers for client certificates. */
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }

    private interface Check {
        void by(X509ExtendedTrustManager manager) throws CertificateException;
    }

    private void check(X509Certificate[] chain, Check check) throws CertificateException {
        X509ExtendedTrustManager some = someFor(chain);
        if (some != null) {
            try {
                check.by(some);
                return;
            } catch (CertificateException e) {
                // The whole bundle decides.
            }
        }
        check.by(all());
    }

    /**
     * Returns a manager for the certificates that the chain may lead to.
     *
     * @return null when there are no such certificates
     */
    private synchronized @Nullable X509ExtendedTrustManager someFor(X509Certificate[] chain)
            throws CertificateException {
        boolean more = false;
        for (X509Certificate certificate : chain) {
            more |= choose(certificate.getSubjectX500Principal().getEncoded());
            more |= choose(certificate.getIssuerX500Principal().getEncoded());
        }
        if (more) {
            List<Certificate> trusted = new ArrayList<>(always);
            trusted.addAll(chosen);
            some = managerOf(trusted);
        }
        return some;
    }

    /**
     * Adds the certificates with the given subject to the chosen ones.
     *
     * @return true if any were added
     */
    private boolean choose(byte[] name) throws CertificateException {
        ByteBuffer key = ByteBuffer.wrap(name);
        boolean more = false;
        if (asked.add(key)) {
            for (byte[] certificate : bySubject.getOrDefault(key, List.of())) {
                more |= chosen.add(CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(certificate)));
            }
        }
        return more;
    }

    private synchronized X509ExtendedTrustManager all() throws CertificateException {
        if (all == null) {
            try {
                List<Certificate> trusted = new ArrayList<>(always);
                trusted.addAll(CertificateBundles.read(bundle));
                if (trusted.isEmpty()) {
                    throw new CertificateException("there are no certificates in " + bundle);
                }
                all = managerOf(trusted);
            } catch (IOException | GeneralSecurityException e) {
                throw new CertificateException("cannot read the certificates in " + bundle, e);
            }
        }
        return all;
    }

    private static X509ExtendedTrustManager managerOf(List<Certificate> trusted) throws CertificateException {
        try {
            return CertificateBundles.x509(CertificateBundles.storeOf(trusted));
        } catch (IOException | GeneralSecurityException e) {
            throw new CertificateException(e);
        }
    }

    /**
     * Returns the encoded subject of a certificate (RFC 5280, 4.1): the fifth field after the version.
     *
     * @throws IndexOutOfBoundsException or {@link BufferUnderflowException} or {@link IllegalArgumentException} if the
     *     bytes are no certificate
     */
    static ByteBuffer subjectOf(byte[] certificate) {
        ByteBuffer der = ByteBuffer.wrap(certificate);
        enter(der);
        enter(der);
        if (der.get(der.position()) == (byte) 0xA0) {
            skip(der);
        }
        // Skips serial number, signature, issuer and validity.
        for (int i = 0; i < 4; i++) {
            skip(der);
        }
        int from = der.position();
        skip(der);
        return ByteBuffer.wrap(certificate, from, der.position() - from).slice();
    }

    private static void enter(ByteBuffer der) {
        der.get();
        int length = length(der);
        if (length > der.remaining()) {
            throw new IllegalArgumentException("too short");
        }
    }

    private static void skip(ByteBuffer der) {
        der.get();
        int length = length(der);
        der.position(der.position() + length);
    }

    private static int length(ByteBuffer der) {
        int first = der.get() & 0xFF;
        if (first < 0x80) {
            return first;
        }
        int bytes = first & 0x7F;
        if (bytes == 0 || bytes > 3) {
            throw new IllegalArgumentException("no length of a certificate");
        }
        int length = 0;
        for (int i = 0; i < bytes; i++) {
            length = length << 8 | (der.get() & 0xFF);
        }
        return length;
    }
}
