package org.plurality.image;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.plurality.json.JsonObject;
import org.plurality.reference.Digest;

/**
 * Reads manifests and indexes, and refuses what could be taken for two things at once: a body that contradicts its Content-Type, or
 * that has both {@code manifests} and {@code layers} (CVE-2021-41190). Pure.
 */
public final class ManifestParser {
    private static final Set<String> CONFIGS =
            Set.of("application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json");

    /** More would not fit into a document of the size that is read, in any image that runs. */
    private static final int MAX_LAYERS = 1024;

    private static final Pattern MEDIA_TYPE =
            Pattern.compile("(application|text)/[A-Za-z0-9.+_-]{1,100}(; ?charset=[A-Za-z0-9-]{1,20})?");

    private ManifestParser() {}

    /** @throws IOException when it is refused; the message says why, in words that follow "cannot read …: " */
    public static Manifest parse(Digest digest, byte[] bytes, @Nullable String contentType) throws IOException {
        JsonObject json = JsonObject.parse(bytes);
        String bodyType = json.optionalString("mediaType");
        if (ManifestType.isSchema1(contentType) || ManifestType.isSchema1(bodyType) || isSchema1(json)) {
            throw new IOException("it is a Docker schema 1 manifest, which newer tools no longer read");
        }
        if (json.has("manifests") && (json.has("layers") || json.has("config"))) {
            throw new IOException("it claims to be an index and an image at once");
        }
        ManifestType type = type(bodyType, contentType);
        if (type.isIndex()) {
            return new Manifest.Index(digest, descriptors(json, "manifests"));
        }
        if (!json.has("config")) {
            throw new IOException("it has no \"config\"");
        }
        Descriptor config = Descriptor.read(json.object("config"));
        if (!CONFIGS.contains(config.mediaType())) {
            String artifact = json.optionalString("artifactType");
            throw new IOException("it is an artifact (" + shown(artifact == null ? config.mediaType() : artifact)
                    + "), not a container image");
        }
        List<Descriptor> layers = descriptors(json, "layers");
        if (layers.size() > MAX_LAYERS) {
            throw new IOException("it has " + layers.size() + " layers, more than " + MAX_LAYERS);
        }
        return new Manifest.Image(digest, bytes, config, layers);
    }

    private static boolean isSchema1(JsonObject json) throws IOException {
        return json.has("schemaVersion") && json.number("schemaVersion") == 1;
    }

    private static ManifestType type(@Nullable String bodyType, @Nullable String contentType) throws IOException {
        Optional<ManifestType> body = ManifestType.of(bodyType);
        Optional<ManifestType> header = ManifestType.of(contentType);
        if (bodyType != null && body.isEmpty()) {
            throw new IOException("its media type is '" + shown(bodyType) + "', no container image's");
        }
        if (body.isPresent() && header.isPresent() && body.get() != header.get()) {
            throw new IOException(
                    "its media type is '" + shown(bodyType) + "', but it is announced as '" + shown(contentType) + "'");
        }
        // Static file servers call everything application/json or octet-stream; then the body decides.
        return header.or(() -> body)
                .orElseThrow(
                        () -> new IOException("it is announced as '" + shown(contentType) + "', no manifest's type"));
    }

    /** What has no media type's form is not shown: a registry could answer with a secret that was just sent to it. */
    private static String shown(@Nullable String mediaType) {
        return mediaType == null ? "nothing" : MEDIA_TYPE.matcher(mediaType).matches() ? mediaType : "(no media type)";
    }

    private static List<Descriptor> descriptors(JsonObject json, String name) throws IOException {
        if (!json.has(name)) {
            throw new IOException("it has no \"" + name + "\"");
        }
        List<Descriptor> descriptors = new ArrayList<>();
        for (JsonObject object : json.objects(name)) {
            descriptors.add(Descriptor.read(object));
        }
        return descriptors;
    }
}
