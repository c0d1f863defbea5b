// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import java.io.ByteArrayOutputStream;
import java.util.List;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.image.BlobTransfer;
import org.plurality.image.Descriptor;
import org.plurality.image.Manifest;
import org.plurality.image.ResumableReader;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;
import org.plurality.remote.credentials.CredentialSource;
import org.plurality.trust.SignatureSource;
import org.plurality.trust.StoredSignature;

/** One repository in its registry. Thread-safe; all threads share the fetched tokens. */
public final class Registry implements ResumableReader, SignatureSource {
    /** Upper limit of an image configuration's size; real ones have a few kilobytes. */
    static final long MAX_CONFIG_BYTES = 8 << 20;

    private final ImageReference reference;
    private final ManifestEndpoint manifests;
    private final BlobEndpoint blobs;
    private final ForeignBlobs foreign;
    private final SignatureEndpoint signatures;
    private final RegistryErrors failures;
    private final HttpClients clients;

    private Registry(
            ImageReference reference,
            ManifestEndpoint manifests,
            BlobEndpoint blobs,
            ForeignBlobs foreign,
            SignatureEndpoint signatures,
            RegistryErrors failures,
            HttpClients clients) {
        this.reference = reference;
        this.manifests = manifests;
        this.blobs = blobs;
        this.foreign = foreign;
        this.signatures = signatures;
        this.failures = failures;
        this.clients = clients;
    }

    /**
     * The settings and clients that all registries of a run share.
     *
     * @param credentialPlaces the places where credentials are looked up, worded for hints
     */
    public record Access(
            HttpClients clients,
            CredentialSource credentials,
            String credentialPlaces,
            InsecureRegistries insecure,
            RetryPolicy patience,
            HttpTrace trace) {
        /** Returns a copy with another source of credentials. */
        public Access and(CredentialSource other) {
            return new Access(clients, other, credentialPlaces, insecure, patience, trace);
        }

        Access and(InsecureRegistries other) {
            return new Access(clients, credentials, credentialPlaces, other, patience, trace);
        }

        Access and(RetryPolicy other) {
            return new Access(clients, credentials, credentialPlaces, insecure, other, trace);
        }
    }

    /** Opens a repository. No request is sent yet. */
    public static Registry of(ImageReference reference, Access access) throws PluralityException {
        Routes routes = Routes.of(reference, access.insecure());
        RegistryErrors failures = new RegistryErrors(reference.registry(), access.credentialPlaces());
        TokenServer tokens = new TokenServer(
                access.clients(), routes.base(), access.insecure(), access.patience(), failures, access.trace());
        Authorizer authorizer = new Authorizer(
                reference.registry(), reference.repository(), routes.pullScope(), access.credentials(), tokens);
        RegistryHttpClient caller = new RegistryHttpClient(
                access.clients(), Origin.of(routes.base()), authorizer, access.patience(), failures, access.trace());
        BlobEndpoint blobs = new BlobEndpoint(routes, caller);
        return new Registry(
                reference,
                new ManifestEndpoint(routes, caller),
                blobs,
                new ForeignBlobs(new BlobEndpoint(routes, caller.anonymous()), access.insecure()),
                new SignatureEndpoint(routes, caller, blobs),
                failures,
                access.clients());
    }

    @Override
    public List<ImageReference> names() {
        return List.of(reference);
    }

    /**
     * Returns the manifest or index that the reference names. Takes one request, and more if the registry demands a
     * token.
     */
    @Override
    public Manifest manifest() throws PluralityException {
        return manifests.get(reference.tagOrDigest(), reference.digest(), reference.toString());
    }

    /** Returns a document that an index of this repository refers to. */
    @Override
    public Manifest manifest(Digest digest) throws PluralityException {
        return manifests.get(
                digest.toString(), digest, reference.withDigest(digest).toString());
    }

    /** Returns the verified bytes of an image's configuration. */
    @Override
    public byte[] config(Descriptor config) throws PluralityException {
        String what = "the configuration of " + reference;
        if (config.bytes() > MAX_CONFIG_BYTES) {
            throw failures.integrity("cannot fetch " + what, "it is larger than " + MAX_CONFIG_BYTES + " bytes", null);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream((int) config.bytes());
        blobs.get(new BlobTransfer(config, (buffer, length) -> bytes.write(buffer, 0, length)), what);
        return bytes.toByteArray();
    }

    /**
     * Fetches a layer. If the registry does not have it, the URLs in the manifest are tried: layers that may not be
     * redistributed are published with such URLs.
     */
    @Override
    public void layer(BlobTransfer transfer) throws PluralityException {
        String what = "layer " + transfer.blob().digest() + " of " + reference;
        try {
            blobs.get(transfer, what);
        } catch (PluralityException e) {
            if (e.kind() != FailureKind.NOT_FOUND || transfer.blob().urls().isEmpty()) {
                throw e;
            }
            foreign.get(transfer, what);
        }
    }

    @Override
    public List<StoredSignature> signatures(Digest manifest) throws PluralityException {
        return signatures.get(manifest);
    }

    /** Cancels all requests of this run, including those of other repositories. */
    @Override
    public void cancel() {
        clients.cancelAll();
    }

    /** Does nothing: the connections belong to the run, not to this repository. */
    @Override
    public void close() {}

    @Override
    public String toString() {
        return reference.toString();
    }
}
