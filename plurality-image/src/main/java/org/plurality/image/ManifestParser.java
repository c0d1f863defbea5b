// SPDX-License-Identifier: Apache-2.0
package org.plurality.image;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.plurality.document.Documents;
import org.plurality.reference.Digest;

/**
 * Reads manifests and indexes, and refuses what could be taken for two things at once: a body that contradicts its
 * Content-Type, or that has both {@code manifests} and {@code layers} (CVE-2021-41190). Pure.
 */
public final class ManifestParser {
    private static final Set<String> CONFIGS =
            Set.of("application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json");

    /** What the first registries of schema 2 called every configuration. */
    private static final String OLD_DOCKER_CONFIG = "application/octet-stream";

    /** What servers of files say of any document: then its members decide. */
    private static final Set<String> GENERAL_TYPES =
            Set.of("", "application/json", "application/octet-stream", "binary/octet-stream", "text/plain");

    /** More would not fit into a document of the size that is read, in any image that runs. */
    private static final int MAX_LAYERS = 1024;

    private static final Pattern MEDIA_TYPE =
            Pattern.compile("(application|text)/[A-Za-z0-9.+_-]{1,100}(; ?charset=[A-Za-z0-9-]{1,20})?");

    private ManifestParser() {}

    /**
     * Reads a manifest or an index.
     *
     * @param contentType as it was announced; null when nobody did
     * @throws NotAnImageException when it is a manifest of something else
     * @throws IOException when it is refused; the message says why, in words that follow "cannot read …: "
     */
    public static Manifest parse(Digest digest, byte[] bytes, @Nullable String contentType) throws IOException {
        ManifestDocument document = Documents.read(bytes, ManifestDocument.class);
        if (ManifestType.isSchema1(contentType)
                || ManifestType.isSchema1(document.mediaType())
                || Long.valueOf(1).equals(document.schemaVersion())) {
            throw new IOException("it is a Docker schema 1 manifest, which newer tools no longer read");
        }
        if (document.manifests() != null && (document.layers() != null || document.config() != null)) {
            throw new IOException("it claims to be an index and an image at once");
        }
        ManifestType type = type(document, contentType);
        return type.isIndex() ? index(digest, document) : image(digest, bytes, document, type);
    }

    /** Whether a type that a descriptor or a manifest gives to its content is another than an image's. */
    static boolean isArtifactType(@Nullable String type) {
        return type != null && !type.isEmpty() && !CONFIGS.contains(type);
    }

    private static Manifest.Index index(Digest digest, ManifestDocument document) throws IOException {
        if (document.manifests() == null) {
            throw new IOException("it has no \"manifests\"");
        }
        List<Descriptor> readable = new ArrayList<>();
        for (DescriptorDocument descriptor : document.manifests()) {
            Descriptor.readable(descriptor).ifPresent(readable::add);
        }
        return new Manifest.Index(digest, readable, document.manifests().size() - readable.size());
    }

    private static Manifest.Image image(Digest digest, byte[] bytes, ManifestDocument document, ManifestType type)
            throws IOException {
        if (document.config() == null) {
            throw new IOException("it has no \"config\"");
        }
        Descriptor config = Descriptor.of(document.config());
        boolean isOld = type == ManifestType.DOCKER_IMAGE && config.mediaType().equals(OLD_DOCKER_CONFIG);
        if (!CONFIGS.contains(config.mediaType()) && !isOld) {
            String artifact = document.artifactType();
            throw new NotAnImageException("it is an artifact ("
                    + shown(artifact == null ? config.mediaType() : artifact) + "), not a container image");
        }
        if (document.layers() == null) {
            throw new IOException("it has no \"layers\"");
        }
        if (document.layers().size() > MAX_LAYERS) {
            throw new IOException("it has " + document.layers().size() + " layers, more than " + MAX_LAYERS);
        }
        return new Manifest.Image(digest, bytes, config, descriptors(document.layers()));
    }

    /** The layers of an image's manifest, whatever else is in it. */
    public static List<Descriptor> layers(byte[] manifest) throws IOException {
        return descriptors(Documents.read(manifest, ManifestDocument.class).allLayers());
    }

    private static List<Descriptor> descriptors(List<DescriptorDocument> documents) throws IOException {
        List<Descriptor> descriptors = new ArrayList<>();
        for (DescriptorDocument document : documents) {
            descriptors.add(Descriptor.of(document));
        }
        return descriptors;
    }

    private static ManifestType type(ManifestDocument document, @Nullable String contentType) throws IOException {
        String bodyType = document.mediaType() == null ? "" : document.mediaType();
        Optional<ManifestType> body = ManifestType.of(bodyType);
        Optional<ManifestType> header = ManifestType.of(contentType);
        if (!bodyType.isEmpty() && body.isEmpty()) {
            throw new IOException("its media type is '" + shown(bodyType) + "', no container image's");
        }
        if (body.isPresent() && header.isPresent() && body.get() != header.get()) {
            throw new IOException(
                    "its media type is '" + shown(bodyType) + "', but it is announced as '" + shown(contentType) + "'");
        }
        if (header.isPresent() || body.isPresent()) {
            return header.orElseGet(body::get);
        }
        if (!GENERAL_TYPES.contains(ManifestType.bare(contentType))) {
            throw new IOException("it is announced as '" + shown(contentType) + "', no manifest's type");
        }
        return document.manifests() == null ? ManifestType.OCI_IMAGE : ManifestType.OCI_INDEX;
    }

    /** What has no media type's form is not shown: a registry could answer with a secret that was just sent to it. */
    private static String shown(@Nullable String mediaType) {
        return mediaType == null ? "nothing" : MEDIA_TYPE.matcher(mediaType).matches() ? mediaType : "(no media type)";
    }
}
