// SPDX-License-Identifier: Apache-2.0
package org.plurality.image;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.reference.Digest;
import org.plurality.reference.Platform;

/**
 * From a reference to the digest of one platform's image: index by index, at most {@value #MAX_DEPTH} deep.
 *
 * <p>An exact variant is preferred, of 32-bit ARM then the newest before it ({@code arm} alone means {@code arm/v7}),
 * then an image that names none. {@code amd64/v3} runs what is for {@code v2}, but not the other way round: where no
 * variant is asked for and all images name one, the lowest is taken. What an index lists for no platform at all is
 * taken when nothing else fits and it is the only image.
 */
public final class ManifestResolver {
    static final int MAX_DEPTH = 4;

    /** Images without a platform that are looked at to find the only one that is no artifact. */
    private static final int MAX_NAMELESS = 8;

    /** Variants of 32-bit ARM: each runs what was built for those after it. */
    private static final List<String> ARM = List.of("v8", "v7", "v6", "v5");

    /** Levels of x86-64, likewise; the lowest has no name of its own here. */
    private static final List<String> AMD64 = List.of("v4", "v3", "v2");

    private final ImageReader image;
    private final Platform platform;

    public ManifestResolver(ImageReader image, Platform platform) {
        this.image = image;
        this.platform = platform;
    }

    /**
     * What a reference stands for.
     *
     * @param indexes that led to it, the outermost first; each names the next by digest
     * @param image already fetched, when the reference names the image itself and not an index
     * @param byPlatform whether an index says for which platform it is: then the index's word counts, not the image's
     */
    public record Resolution(Digest digest, List<Digest> indexes, Optional<Manifest.Image> image, boolean byPlatform) {
        public Resolution {
            indexes = List.copyOf(indexes);
        }
    }

    /** One request for an image, one for each index on the way; the image that an index names is not fetched. */
    public Resolution resolve() throws PluralityException {
        Manifest manifest = image.manifest();
        List<Digest> indexes = new ArrayList<>();
        boolean byPlatform = false;
        for (int depth = 1; depth <= MAX_DEPTH; depth++) {
            switch (manifest) {
                case Manifest.Image found -> {
                    return new Resolution(found.digest(), indexes, Optional.of(found), byPlatform);
                }
                case Manifest.Index index -> {
                    indexes.add(index.digest());
                    Descriptor chosen = choose(index);
                    byPlatform |= chosen.platform() != null;
                    if (!ManifestType.of(chosen.mediaType())
                            .map(ManifestType::isIndex)
                            .orElse(false)) {
                        return new Resolution(chosen.digest(), indexes, Optional.empty(), byPlatform);
                    }
                    manifest = image.manifest(chosen.digest());
                }
            }
        }
        throw new PluralityException(
                FailureKind.INTEGRITY,
                "cannot resolve " + image + ": its indexes are nested more than " + MAX_DEPTH + " deep",
                "name the image by its own digest");
    }

    private Descriptor choose(Manifest.Index index) throws PluralityException {
        List<Descriptor> candidates = new ArrayList<>();
        List<Descriptor> nameless = new ArrayList<>();
        TreeSet<String> offered = new TreeSet<>();
        for (Descriptor descriptor : index.manifests()) {
            if (descriptor.isAttestation()
                    || ManifestType.of(descriptor.mediaType()).isEmpty()) {
                continue;
            }
            Platform theirs = descriptor.platform();
            if (theirs == null) {
                nameless.add(descriptor);
            } else {
                offered.add(theirs.toString());
                if (theirs.os().equals(platform.os()) && theirs.architecture().equals(platform.architecture())) {
                    candidates.add(descriptor);
                }
            }
        }
        Optional<Descriptor> chosen = best(candidates);
        if (chosen.isPresent()) {
            return chosen.get();
        }
        List<Descriptor> images = nameless.size() > 1 ? withoutArtifacts(nameless) : nameless;
        if (images.size() == 1) {
            return images.getFirst();
        }
        throw notFound(index, offered);
    }

    private PluralityException notFound(Manifest.Index index, Set<String> offered) {
        String unreadable = index.unreadable() == 0
                ? ""
                : "; digests of an algorithm that is not known here: " + index.unreadable();
        return new PluralityException(
                FailureKind.NOT_FOUND,
                "cannot find an image for " + platform + " in " + image + ": "
                        + (offered.isEmpty() ? "it lists no platform" : "it is there for " + String.join(", ", offered))
                        + unreadable,
                "choose one of these with --platform, or another tag");
    }

    private List<Descriptor> withoutArtifacts(List<Descriptor> nameless) throws PluralityException {
        List<Descriptor> images = new ArrayList<>();
        for (Descriptor descriptor : nameless.subList(0, Math.min(nameless.size(), MAX_NAMELESS))) {
            if (!isArtifact(descriptor)) {
                images.add(descriptor);
            }
        }
        return nameless.size() > MAX_NAMELESS ? nameless : images;
    }

    private boolean isArtifact(Descriptor descriptor) throws PluralityException {
        try {
            Manifest _ = image.manifest(descriptor.digest());
            return false;
        } catch (PluralityException e) {
            if (e.getCause() instanceof NotAnImageException) {
                return true;
            }
            throw e;
        }
    }

    private Optional<Descriptor> best(List<Descriptor> candidates) {
        for (Optional<String> variant : variants()) {
            for (Descriptor candidate : candidates) {
                Platform theirs = candidate.platform();
                if (theirs != null && variant.equals(Optional.ofNullable(theirs.variant()))) {
                    return Optional.of(candidate);
                }
            }
        }
        return platform.variant() == null
                ? candidates.stream().min(Comparator.comparing(ManifestResolver::variant))
                : Optional.empty();
    }

    private static String variant(Descriptor candidate) {
        Platform theirs = candidate.platform();
        return theirs == null || theirs.variant() == null ? "" : theirs.variant();
    }

    /** Those that run on this platform, the best first; empty is an image that names none. */
    private List<Optional<String>> variants() {
        List<Optional<String>> variants = new ArrayList<>();
        String wanted = platform.variant();
        variants.add(Optional.ofNullable(wanted));
        if (platform.architecture().equals("arm")) {
            addFrom(ARM, wanted == null ? "v7" : wanted, variants);
        } else if (platform.architecture().equals("amd64") && wanted != null) {
            addFrom(AMD64, wanted, variants);
        }
        variants.add(Optional.empty());
        return variants;
    }

    private static void addFrom(List<String> all, String first, List<Optional<String>> variants) {
        int newest = all.indexOf(first);
        if (newest >= 0) {
            all.subList(newest, all.size()).forEach(variant -> variants.add(Optional.of(variant)));
        }
    }
}
