// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.archive;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.plurality.document.Documents;
import org.plurality.failure.PluralityException;
import org.plurality.image.BlobSink;
import org.plurality.image.BlobVerifier;
import org.plurality.image.Descriptor;
import org.plurality.image.DescriptorDocument;
import org.plurality.image.ImageReader;
import org.plurality.image.Manifest;
import org.plurality.image.ManifestDocument;
import org.plurality.image.ManifestParser;
import org.plurality.image.ManifestType;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;

/** An image in an OCI image layout. Has the digests that the layout says, all of them verified. */
final class OciImage implements ImageReader {
    private static final String NAME = "org.opencontainers.image.ref.name";
    private static final String FULL_NAME = "io.containerd.image.name";
    private static final long MAX_DOCUMENT_BYTES = 4 << 20;
    private static final long MAX_CONFIG_BYTES = 8 << 20;

    private final ArchiveContents contents;
    private final @Nullable String tag;
    private final ArchiveRefusal refusal;
    private final List<ImageReference> names = new ArrayList<>();

    /** @param tag what the index calls it; null when there is only one */
    OciImage(ArchiveContents contents, @Nullable String tag, String source) {
        this.contents = contents;
        this.tag = tag;
        this.refusal = new ArchiveRefusal(source);
    }

    /** {@code oci-layout} (OCI image specification 1.1, image-layout.md). */
    private record LayoutDocument(@Nullable String imageLayoutVersion) {}

    /** One line of {@code index.json}. */
    private record Listed(
            Descriptor descriptor,
            @Nullable String name,
            @Nullable String fullName) {
        boolean isCalled(String tag) {
            return tag.equals(name)
                    || tag.equals(fullName)
                    || (fullName != null && reference(tag).equals(reference(fullName)));
        }

        /** What tells images apart that have the same tag; empty when the index says nothing. */
        String identity() {
            return fullName != null ? fullName : name != null ? name : "";
        }
    }

    @Override
    public synchronized List<ImageReference> names() {
        return List.copyOf(names);
    }

    @Override
    public Manifest manifest() throws PluralityException {
        byte[] layout = document("oci-layout");
        byte[] index = document("index.json");
        try {
            String version = Documents.read(layout, LayoutDocument.class).imageLayoutVersion();
            if (version == null || !version.startsWith("1.")) {
                throw refusal.integrity("its layout's version is " + version + ", not 1.0.0");
            }
            List<Listed> listed = listed(index);
            List<Listed> wanted = listed.stream()
                    .filter(one -> tag == null || one.isCalled(tag))
                    .toList();
            if (wanted.isEmpty()) {
                throw refusal.notFound(
                        tag == null ? "its index is empty" : "its index has no image of that name" + offered(listed),
                        tag == null ? "have the image written anew" : "name one of these, or none when there is one");
            }
            if (wanted.size() == 1) {
                return chosen(wanted.getFirst());
            }
            if (isOneImage(wanted)) {
                addNames(wanted.getFirst());
                return new Manifest.Index(
                        Digest.sha256(index),
                        wanted.stream().map(Listed::descriptor).toList(),
                        0);
            }
            throw refusal.usage(
                    "it holds several images" + (tag == null ? "" : " that are called " + tag) + offered(wanted),
                    "name one of them by its whole name: PATH:NAME after the transport");
        } catch (IOException e) {
            throw refusal.integrity("its index is not understood: " + e.getMessage());
        }
    }

    /** Whether descriptors of one index are one image for several platforms. */
    private static boolean isOneImage(List<Listed> listed) {
        Map<String, Digest> byPlatform = new HashMap<>();
        for (Listed one : listed) {
            Platform platform = one.descriptor.platform();
            Digest digest = one.descriptor.digest();
            if (!one.identity().equals(listed.getFirst().identity())
                    || (platform != null
                            && !byPlatform
                                    .computeIfAbsent(platform.toString(), _ -> digest)
                                    .equals(digest))) {
                return false;
            }
        }
        return true;
    }

    /**
     * The manifest of an image whose configuration has that digest, if the index leads to one; at most one index deep.
     */
    Optional<Manifest.Image> manifestOf(Digest config) throws PluralityException {
        List<Descriptor> candidates = new ArrayList<>();
        try {
            for (Listed one : listed(document("index.json"))) {
                candidates.add(one.descriptor);
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        for (int i = 0; i < candidates.size() && i < 1000; i++) {
            Descriptor candidate = candidates.get(i);
            if (ManifestType.of(candidate.mediaType()).isEmpty() || candidate.isAttestation() || !has(candidate)) {
                continue;
            }
            switch (manifest(candidate)) {
                case Manifest.Index index -> candidates.addAll(index.manifests());
                case Manifest.Image image -> {
                    if (image.config().digest().equals(config)
                            && image.layers().stream().allMatch(this::has)) {
                        return Optional.of(image);
                    }
                }
            }
        }
        return Optional.empty();
    }

    @Override
    public Manifest manifest(Digest digest) throws PluralityException {
        try {
            ArchiveContents.Member blob = blob(digest);
            byte[] bytes;
            try (InputStream in = blob.open()) {
                bytes = BlobVerifier.read(in, digest, blob.bytes(), MAX_DOCUMENT_BYTES);
            }
            return parse(digest, bytes, null);
        } catch (IOException e) {
            throw refusal.failed("manifest " + digest, e);
        }
    }

    @Override
    public byte[] config(Descriptor config) throws PluralityException {
        return read(config, "its configuration", MAX_CONFIG_BYTES);
    }

    @Override
    public void layer(Descriptor layer, BlobSink sink) throws PluralityException {
        try (InputStream in = blob(layer.digest()).open()) {
            BlobVerifier.copy(in, layer.digest(), layer.bytes(), sink);
        } catch (IOException e) {
            throw refusal.failed("layer " + layer.digest(), e);
        }
    }

    @Override
    public void cancel() {
        contents.close();
    }

    @Override
    public void close() {
        contents.close();
    }

    @Override
    public String toString() {
        return refusal.source();
    }

    private Manifest chosen(Listed listed) throws PluralityException {
        addNames(listed);
        return manifest(listed.descriptor);
    }

    private synchronized void addNames(Listed listed) {
        for (String text : new String[] {listed.fullName, listed.name}) {
            fullReference(text).filter(name -> !names.contains(name)).ifPresent(names::add);
        }
    }

    private static Optional<ImageReference> reference(String text) {
        try {
            return Optional.of(ImageReference.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** A name that says where the image is from, not merely a tag. */
    private static Optional<ImageReference> fullReference(@Nullable String text) {
        return text == null
                ? Optional.empty()
                : reference(text).filter(reference -> text.startsWith(reference.registry() + "/"));
    }

    private Manifest manifest(Descriptor descriptor) throws PluralityException {
        byte[] bytes = read(descriptor, "manifest " + descriptor.digest(), MAX_DOCUMENT_BYTES);
        return parse(descriptor.digest(), bytes, descriptor.mediaType());
    }

    private Manifest parse(Digest digest, byte[] bytes, @Nullable String announced) throws PluralityException {
        try {
            return ManifestParser.parse(digest, bytes, announced);
        } catch (IOException e) {
            PluralityException refused = refusal.integrity("manifest " + digest + " is refused: " + e.getMessage());
            throw new PluralityException(refused.kind(), String.valueOf(refused.getMessage()), refused.hint(), e);
        }
    }

    private List<Listed> listed(byte[] index) throws IOException {
        List<Listed> listed = new ArrayList<>();
        for (DescriptorDocument document :
                Documents.read(index, ManifestDocument.class).allManifests()) {
            listed.add(new Listed(Descriptor.of(document), document.annotation(NAME), document.annotation(FULL_NAME)));
        }
        return listed;
    }

    private static String offered(List<Listed> listed) {
        TreeSet<String> offered = new TreeSet<>();
        for (Listed one : listed) {
            if (!one.identity().isEmpty()) {
                offered.add(one.identity());
            }
        }
        return offered.isEmpty() ? "" : ": it has " + String.join(", ", offered);
    }

    private byte[] read(Descriptor descriptor, String what, long most) throws PluralityException {
        try (InputStream in = blob(descriptor.digest()).open()) {
            return BlobVerifier.read(in, descriptor.digest(), descriptor.bytes(), most);
        } catch (IOException e) {
            throw refusal.failed(what, e);
        }
    }

    private boolean has(Descriptor descriptor) {
        try {
            return contents.find(name(descriptor.digest())).isPresent();
        } catch (IOException e) {
            return false;
        }
    }

    private ArchiveContents.Member blob(Digest digest) throws IOException, PluralityException {
        Optional<ArchiveContents.Member> blob = contents.find(name(digest));
        if (blob.isEmpty()) {
            throw refusal.integrity("it has no blob " + digest);
        }
        return blob.get();
    }

    private static String name(Digest digest) {
        return "blobs/" + digest.algorithm().label() + "/" + digest.hex();
    }

    private byte[] document(String name) throws PluralityException {
        try {
            Optional<ArchiveContents.Member> member = contents.find(name);
            if (member.isEmpty()) {
                throw new FileNotFoundException();
            }
            try (InputStream in = member.get().open()) {
                byte[] bytes = in.readNBytes((int) MAX_DOCUMENT_BYTES + 1);
                if (bytes.length > MAX_DOCUMENT_BYTES) {
                    throw new BlobVerifier.Mismatch(name + " is larger than " + MAX_DOCUMENT_BYTES + " bytes");
                }
                return bytes;
            }
        } catch (FileNotFoundException e) {
            throw refusal.notFound(
                    "there is no OCI image layout, it has no " + name,
                    "check the path; 'skopeo copy' and 'podman save --format oci-dir' write such layouts");
        } catch (IOException e) {
            throw refusal.failed(name, e);
        }
    }
}
