package org.plurality.image;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plurality.json.JsonObject;
import org.plurality.reference.Digest;
import org.plurality.reference.Platform;

/**
 * A pointer to a document or blob.
 *
 * @param mediaType as it stands in the document; layers have more of them than a closed set could hold
 * @param bytes its size
 * @param platform in an index, when it says so and says one that can be
 * @param isAttestation whether an index lists it for {@code unknown/unknown}, as BuildKit does for what is no image, or for what no
 *     machine is
 * @param urls where else it is, on the web; at most {@value #MAX_URLS}, others are passed over
 */
public record Descriptor(
        String mediaType,
        Digest digest,
        long bytes,
        @Nullable Platform platform,
        boolean isAttestation,
        List<String> urls) {
    private static final int MAX_URLS = 8;
    private static final int MAX_URL_LENGTH = 2048;

    public Descriptor {
        urls = List.copyOf(urls);
    }

    public static Descriptor read(JsonObject json) throws IOException {
        try {
            JsonObject platform = json.object("platform");
            String os = platform.optionalString("os");
            String architecture = platform.optionalString("architecture");
            boolean unknown = "unknown".equals(os) || "unknown".equals(architecture);
            boolean attestation =
                    unknown || json.object("annotations").optionalString("vnd.docker.reference.type") != null;
            Platform known = platform(os, architecture, platform.optionalString("variant"));
            boolean odd = known == null && os != null && !os.isEmpty();
            Descriptor descriptor = new Descriptor(
                    json.string("mediaType"),
                    Digest.parse(json.string("digest")),
                    json.number("size"),
                    attestation ? null : known,
                    attestation || odd,
                    urls(json));
            if (descriptor.bytes < 0) {
                throw new IOException("a negative size");
            }
            return descriptor;
        } catch (IllegalArgumentException e) {
            // Without its message, which quotes what the registry sent.
            throw new IOException("a descriptor has no digest that is read here");
        }
    }

    private static List<String> urls(JsonObject json) throws IOException {
        return json.strings("urls").stream()
                .filter(url -> url.startsWith("https://") || url.startsWith("http://"))
                .filter(url -> url.length() <= MAX_URL_LENGTH)
                .limit(MAX_URLS)
                .toList();
    }

    private static @Nullable Platform platform(
            @Nullable String os, @Nullable String architecture, @Nullable String variant) {
        if (os == null || os.isEmpty() || architecture == null || architecture.isEmpty()) {
            return null;
        }
        try {
            return new Platform(os, architecture, variant == null || variant.isEmpty() ? null : variant);
        } catch (IllegalArgumentException e) {
            // One odd line in an index keeps nobody from its other images.
            return null;
        }
    }
}
