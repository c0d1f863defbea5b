package org.plurality.image;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.reference.Digest;
import org.plurality.reference.Platform;

/**
 * From a reference to the digest of one platform's image: index by index, at most {@value #MAX_DEPTH} deep.
 *
 * <p>An exact variant is preferred, of 32-bit ARM then the newest before it ({@code arm} alone means {@code arm/v7}), then an image that
 * names none; where no variant is asked for, at last the first. What an index lists for no platform at all is taken when nothing else
 * fits and it is the only one.
 */
public final class ManifestResolver {
    static final int MAX_DEPTH = 4;

    /** Variants of 32-bit ARM: each runs what was built for those after it. */
    private static final List<String> ARM = List.of("v8", "v7", "v6", "v5");

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
     */
    public record Resolution(Digest digest, List<Digest> indexes, Optional<Manifest.Image> image) {
        public Resolution {
            indexes = List.copyOf(indexes);
        }
    }

    /** One request for an image, one for each index on the way; the image that an index names is not fetched. */
    public Resolution resolve() throws PluralityException {
        Manifest manifest = image.manifest();
        List<Digest> indexes = new ArrayList<>();
        for (int depth = 1; depth <= MAX_DEPTH; depth++) {
            switch (manifest) {
                case Manifest.Image found -> {
                    return new Resolution(found.digest(), indexes, Optional.of(found));
                }
                case Manifest.Index index -> {
                    indexes.add(index.digest());
                    Descriptor chosen = choose(index);
                    if (!ManifestType.of(chosen.mediaType())
                            .map(ManifestType::isIndex)
                            .orElse(false)) {
                        return new Resolution(chosen.digest(), indexes, Optional.empty());
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
        if (nameless.size() == 1) {
            return nameless.get(0);
        }
        throw new PluralityException(
                FailureKind.NOT_FOUND,
                "cannot find an image for " + platform + " in " + image + ": "
                        + (offered.isEmpty()
                                ? "it lists no platform"
                                : "it is there for " + String.join(", ", offered)),
                "choose one of these with --platform, or another tag");
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
        return platform.variant() == null ? candidates.stream().findFirst() : Optional.empty();
    }

    /** Those that run on this platform, the best first; empty is an image that names none. */
    private List<Optional<String>> variants() {
        List<Optional<String>> variants = new ArrayList<>();
        variants.add(Optional.ofNullable(platform.variant()));
        if (platform.architecture().equals("arm")) {
            int newest = ARM.indexOf(platform.variant() == null ? "v7" : platform.variant());
            if (newest >= 0) {
                ARM.subList(newest, ARM.size()).forEach(variant -> variants.add(Optional.of(variant)));
            }
        }
        variants.add(Optional.empty());
        return variants;
    }
}
