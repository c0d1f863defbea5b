// SPDX-License-Identifier: Apache-2.0
package org.plurality.image;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plurality.reference.Digest;
import org.plurality.reference.Platform;

/**
 * A pointer to a document or blob.
 *
 * @param mediaType as it stands in the document; layers have more of them than a closed set could hold
 * @param bytes its size
 * @param platform in an index, when it says so and says one that can be
 * @param isAttestation whether an index lists it for {@code unknown/unknown}, as BuildKit does for what is no image,
 *     with the type of another artifact, or for what no machine is
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

    /** @throws IOException when it is incomplete, or has a digest that is not read here */
    public static Descriptor of(DescriptorDocument document) throws IOException {
        return readable(document)
                // Without the digest: a registry could have written a secret there.
                .orElseThrow(() -> new IOException("a descriptor has no digest that is read here"));
    }

    /**
     * Reads a descriptor of an index, where one with a digest of an unknown algorithm keeps nobody from the others.
     *
     * @return empty when it has such a digest
     * @throws IOException when it is incomplete
     */
    static Optional<Descriptor> readable(DescriptorDocument document) throws IOException {
        Digest digest;
        try {
            digest = Digest.parse(present("digest", document.digest()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        long bytes = present("size", document.size());
        if (bytes < 0) {
            throw new IOException("a negative size");
        }
        String mediaType = present("mediaType", document.mediaType());
        DescriptorDocument.PlatformDocument platform = document.platform() == null
                ? new DescriptorDocument.PlatformDocument(null, null, null)
                : document.platform();
        Platform known = platform(platform);
        boolean isOdd = known == null && platform.os() != null && !platform.os().isEmpty();
        boolean isUnknown = "unknown".equals(platform.os()) || "unknown".equals(platform.architecture());
        boolean isNoImage = isUnknown
                || document.annotation("vnd.docker.reference.type") != null
                || ManifestParser.isArtifactType(document.artifactType());
        return Optional.of(new Descriptor(
                mediaType,
                digest,
                bytes,
                isNoImage ? null : known,
                isNoImage || isOdd,
                urls(document.urls() == null ? List.of() : document.urls())));
    }

    private static <T> T present(String name, @Nullable T value) throws IOException {
        if (value == null) {
            throw new IOException("a descriptor has no \"" + name + "\"");
        }
        return value;
    }

    private static List<String> urls(List<String> all) {
        return all.stream()
                .filter(url -> url.startsWith("https://") || url.startsWith("http://"))
                .filter(url -> url.length() <= MAX_URL_LENGTH)
                .limit(MAX_URLS)
                .toList();
    }

    private static @Nullable Platform platform(DescriptorDocument.PlatformDocument document) {
        String os = lower(document.os());
        String architecture = lower(document.architecture());
        String variant = lower(document.variant());
        if (os.isEmpty() || architecture.isEmpty()) {
            return null;
        }
        try {
            return new Platform(os, architecture, variant.isEmpty() ? null : variant);
        } catch (IllegalArgumentException e) {
            // One odd line in an index keeps nobody from its other images.
            return null;
        }
    }

    private static String lower(@Nullable String text) {
        return text == null ? "" : text.toLowerCase(Locale.ROOT);
    }
}
