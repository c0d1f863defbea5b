// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.archive;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.PluralityException;
import org.plurality.image.BlobSink;
import org.plurality.image.BlobVerifier;
import org.plurality.image.Descriptor;
import org.plurality.image.ImageConfig;
import org.plurality.image.ImageReader;
import org.plurality.image.Manifest;
import org.plurality.image.ManifestWriter;
import org.plurality.json.JsonObject;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;
import org.plurality.unpack.layer.Decompression;

/**
 * An image in a tar that {@code docker save} wrote, or another tool for {@code docker load}.
 *
 * <p>Where the tar is an OCI layout too, as current Docker writes it, and has the image's manifest, that is its
 * manifest. Else one is made, of the configuration's exact bytes and the uncompressed layers; its digest is the same
 * for every such file of one image.
 */
final class DockerSavedImage implements ImageReader {
    private static final int MAX_DOCUMENT_BYTES = 8 << 20;
    private static final int MAX_LAYERS = 1024;

    private final ArchiveContents contents;
    private final @Nullable String wanted;
    private final ArchiveRefusal refusal;
    private final long maxLayerBytes;
    private final Map<Digest, ArchiveContents.Member> layers = new HashMap<>();
    private byte[] config = new byte[0];
    private List<ImageReference> names = List.of();
    private @Nullable OciImage layout;
    private Manifest.@Nullable Image manifest;

    /**
     * @param wanted a name, or {@code @} and a place; null when there is only one image
     * @param maxLayerBytes bound on what a compressed layer decompresses to
     */
    DockerSavedImage(ArchiveContents contents, @Nullable String wanted, String source, long maxLayerBytes) {
        this.contents = contents;
        this.wanted = wanted;
        this.refusal = new ArchiveRefusal(source);
        this.maxLayerBytes = maxLayerBytes;
    }

    /** One image of {@code manifest.json}. */
    private record Saved(String config, List<ImageReference> names, List<String> layers) {}

    @Override
    public synchronized List<ImageReference> names() {
        return names;
    }

    @Override
    public synchronized Manifest manifest() throws PluralityException {
        if (manifest == null) {
            manifest = readManifest();
        }
        return manifest;
    }

    @Override
    public Manifest manifest(Digest digest) throws PluralityException {
        if (manifest() instanceof Manifest.Image image && image.digest().equals(digest)) {
            return image;
        }
        throw refusal.integrity("it has no manifest " + digest);
    }

    @Override
    public synchronized byte[] config(Descriptor descriptor) {
        return config.clone();
    }

    @Override
    public void layer(Descriptor layer, BlobSink sink) throws PluralityException {
        ArchiveContents.Member member;
        synchronized (this) {
            if (layout != null) {
                member = null;
            } else {
                member = layers.get(layer.digest());
            }
        }
        if (member == null) {
            if (layout == null) {
                throw refusal.integrity("it has no layer " + layer.digest());
            }
            layout.layer(layer, sink);
            return;
        }
        try (InputStream in = Decompression.of(member.open())) {
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

    private Manifest.Image readManifest() throws PluralityException {
        try {
            Saved saved = choose(images(document("manifest.json")));
            names = saved.names;
            config = readConfig(saved.config);
            if (contents.find("index.json").isPresent()
                    && contents.find("oci-layout").isPresent()) {
                OciImage oci = new OciImage(contents, null, refusal.source());
                Optional<Manifest.Image> real = oci.manifestOf(Digest.sha256(config));
                if (real.isPresent()) {
                    layout = oci;
                    return real.get();
                }
            }
            return made(saved);
        } catch (IOException e) {
            throw refusal.failed("", e);
        }
    }

    private Manifest.Image made(Saved saved) throws PluralityException, IOException {
        List<Digest> diffIds;
        try {
            diffIds = ImageConfig.parse(config).diffIds();
        } catch (IOException e) {
            throw refusal.integrity("its configuration is not understood: " + e.getMessage());
        }
        if (diffIds.size() != saved.layers.size()) {
            throw refusal.integrity(
                    "its manifest.json has " + saved.layers.size() + " layers, its configuration " + diffIds.size());
        }
        List<ManifestWriter.Layer> described = new ArrayList<>();
        for (int i = 0; i < diffIds.size(); i++) {
            ArchiveContents.Member member = member(saved.layers.get(i));
            layers.put(diffIds.get(i), member);
            described.add(new ManifestWriter.Layer(diffIds.get(i), tarBytes(member, i)));
        }
        return ManifestWriter.write(config, described);
    }

    /** Of the layer's tar: a compressed one must be read for it. */
    private long tarBytes(ArchiveContents.Member member, int layer) throws IOException {
        byte[] head;
        try (InputStream in = member.open()) {
            head = in.readNBytes(6);
        }
        if (!Decompression.isCompressed(head)) {
            return member.bytes();
        }
        long total = 0;
        try (InputStream in = Decompression.of(member.open())) {
            byte[] buffer = new byte[64 << 10];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                total += read;
                if (total > maxLayerBytes) {
                    throw new BlobVerifier.Mismatch("layer " + (layer + 1) + " has more than " + maxLayerBytes
                            + " bytes when decompressed; if you trust it, raise max_bytes");
                }
            }
        }
        return total;
    }

    private byte[] readConfig(String name) throws PluralityException, IOException {
        byte[] bytes = read(name, member(name));
        String base = name.substring(name.lastIndexOf('/') + 1);
        String hex = base.endsWith(".json") ? base.substring(0, base.length() - ".json".length()) : base;
        String actual = Digest.sha256(bytes).hex();
        if (hex.matches("[0-9a-f]{64}") && !hex.equals(actual)) {
            throw refusal.integrity("its configuration is named " + hex + ", but has the digest " + actual);
        }
        return bytes;
    }

    private ArchiveContents.Member member(String name) throws PluralityException, IOException {
        // A leading slash is the archive's root, as for docker load.
        String inside = TarContents.resolved(name, "");
        if (inside == null) {
            throw refusal.integrity("its manifest.json names a file outside of it: " + name);
        }
        Optional<ArchiveContents.Member> member = contents.find(inside);
        if (member.isEmpty()) {
            throw refusal.integrity("its manifest.json names " + name + ", which it does not have");
        }
        return member.get();
    }

    private byte[] document(String name) throws PluralityException, IOException {
        Optional<ArchiveContents.Member> member = contents.find(name);
        if (member.isEmpty()) {
            throw refusal.integrity(
                    contents.find("index.json").isPresent()
                            ? "it has no manifest.json; an OCI archive is read as oci-archive:"
                            : "it has no manifest.json, so it is nothing that 'docker save' wrote");
        }
        return read(name, member.get());
    }

    private static byte[] read(String name, ArchiveContents.Member member) throws IOException {
        if (member.bytes() > MAX_DOCUMENT_BYTES) {
            throw new BlobVerifier.Mismatch(name + " is larger than " + MAX_DOCUMENT_BYTES + " bytes");
        }
        try (InputStream in = member.open()) {
            return in.readNBytes(MAX_DOCUMENT_BYTES);
        }
    }

    private List<Saved> images(byte[] document) throws PluralityException {
        List<Saved> images = new ArrayList<>();
        try {
            for (JsonObject image : JsonObject.parseList(document)) {
                List<ImageReference> references = new ArrayList<>();
                for (String tag : image.strings("RepoTags")) {
                    reference(tag).ifPresent(references::add);
                }
                List<String> files = image.strings("Layers");
                if (files.size() > MAX_LAYERS) {
                    throw new IOException("an image has " + files.size() + " layers, more than " + MAX_LAYERS);
                }
                images.add(new Saved(image.string("Config"), references, files));
            }
        } catch (IOException e) {
            throw refusal.integrity("its manifest.json is not understood: " + e.getMessage());
        }
        return images;
    }

    private Saved choose(List<Saved> images) throws PluralityException {
        String name = wanted;
        if (name == null) {
            if (images.size() == 1) {
                return images.getFirst();
            }
            throw images.isEmpty()
                    ? refusal.integrity("its manifest.json lists no image")
                    : refusal.usage(
                            "it holds " + images.size() + " images" + offered(images),
                            "name one of them: docker-archive:PATH:NAME, or docker-archive:PATH:@0 for the first");
        }
        if (name.matches("@[0-9]{1,6}")) {
            int place = Integer.parseInt(name.substring(1));
            if (place < images.size()) {
                return images.get(place);
            }
        } else {
            ImageReference reference = reference(name)
                    .orElseThrow(() -> refusal.usage(
                            "'" + name + "' is no image's name", "name it like docker-archive:PATH:alpine:3.20"));
            for (Saved image : images) {
                if (image.names.contains(reference)) {
                    return new Saved(image.config, List.of(reference), image.layers);
                }
            }
        }
        throw refusal.notFound("it has no such image" + offered(images), "name one that it has");
    }

    private static String offered(List<Saved> images) {
        TreeSet<String> offered = new TreeSet<>();
        images.forEach(image -> image.names.forEach(name -> offered.add(name.toString())));
        return offered.isEmpty() ? "" : ": " + String.join(", ", offered);
    }

    private static Optional<ImageReference> reference(String text) {
        try {
            return Optional.of(ImageReference.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
