package org.plurality.inventory;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.plurality.cache.Cache;
import org.plurality.cache.Entry;
import org.plurality.cache.ReferenceDocument;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.lease.Lease;
import org.plurality.lease.Leases;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;

/** The images in some caches, of which the first that has one counts. Caches that do not exist are empty. */
public final class Inventory {
    private static final Pattern PREFIX = Pattern.compile("(?:sha256:)?([0-9a-f]{4,64})");

    private final List<Cache> caches = new ArrayList<>();
    private final List<Path> roots;

    /** @param roots in the order of look-up */
    public Inventory(List<Path> roots) throws PluralityException {
        this.roots = List.copyOf(roots);
        for (Path root : roots) {
            Cache.open(root).ifPresent(caches::add);
        }
    }

    /** All of them, by name and then by digest. */
    public List<Image> images() throws PluralityException {
        List<Image> images = new ArrayList<>();
        for (Cache cache : caches) {
            List<ReferenceDocument> references = cache.references();
            for (Entry entry : cache.entries()) {
                images.add(image(cache, entry, references));
            }
        }
        images.sort(Comparator.comparing(Inventory::sortKey));
        return images;
    }

    /**
     * The image that a person means.
     *
     * @param text a reference, a digest, or the beginning of a digest that only one image has
     * @throws PluralityException (NOT_FOUND, or USAGE when several fit)
     */
    public Image find(String text, Platform platform) throws PluralityException {
        Optional<Image> found = byReference(text, platform);
        if (found.isPresent()) {
            return found.get();
        }
        List<Image> fitting = byPrefix(text);
        if (fitting.size() == 1) {
            return fitting.get(0);
        }
        if (fitting.size() > 1) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot tell which image '" + text + "' is: " + fitting.size() + " digests begin so",
                    "give more of the digest; 'plurality-stagein list' shows them");
        }
        throw new PluralityException(
                FailureKind.NOT_FOUND,
                "cannot find " + text + " for " + platform + " in " + places() + ": it is not staged in",
                "stage it in with 'plurality-stagein pull " + text + "'; 'plurality-stagein list' shows what is there");
    }

    /**
     * Removes an image and its names.
     *
     * @param force also when it is leased or pinned
     * @throws PluralityException (BUSY) when it is needed; the message says by whom
     */
    public void remove(Image image, boolean force) throws PluralityException {
        Digest digest = image.entry().document().digest();
        List<String> holders = new ArrayList<>();
        for (Lease lease : new Leases(image.cache().layout()).reapEndedProcesses(digest)) {
            holders.add(lease.holder().describe() + " of " + lease.user());
        }
        if (Files.exists(image.cache().layout().pin(digest))) {
            holders.add("a pin");
        }
        if (!holders.isEmpty() && !force) {
            throw new PluralityException(
                    FailureKind.BUSY,
                    "cannot remove " + digest + ": it is held by " + String.join(", ", holders),
                    "wait until they end, or remove it under their feet with --force");
        }
        image.cache().remove(digest);
    }

    private Optional<Image> byReference(String text, Platform platform) throws PluralityException {
        Optional<ImageReference> reference = reference(text);
        for (Cache cache : caches) {
            Optional<Entry> entry = Optional.empty();
            if (reference.isPresent()) {
                Digest digest = reference.get().digest();
                if (digest != null) {
                    entry = cache.find(digest);
                }
                if (entry.isEmpty()) {
                    Optional<ReferenceDocument> recorded = cache.resolve(reference.get(), platform);
                    entry = recorded.isPresent() ? cache.find(recorded.get().digest()) : Optional.empty();
                }
            }
            if (entry.isPresent()) {
                return Optional.of(image(cache, entry.get(), cache.references()));
            }
        }
        return Optional.empty();
    }

    private List<Image> byPrefix(String text) throws PluralityException {
        var matcher = PREFIX.matcher(text);
        if (!matcher.matches()) {
            return List.of();
        }
        List<Image> fitting = new ArrayList<>();
        for (Image image : images()) {
            Digest digest = image.entry().document().digest();
            boolean seen = fitting.stream()
                    .anyMatch(other -> other.entry().document().digest().equals(digest));
            if (!seen && digest.hex().startsWith(matcher.group(1))) {
                fitting.add(image);
            }
        }
        return fitting;
    }

    private static Optional<ImageReference> reference(String text) {
        String rest = text.startsWith("docker://") ? text.substring("docker://".length()) : text;
        try {
            return Optional.of(ImageReference.parse(rest));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Image image(Cache cache, Entry entry, List<ReferenceDocument> references) {
        return new Image(
                cache,
                entry,
                references.stream()
                        .filter(reference ->
                                reference.digest().equals(entry.document().digest()))
                        .toList());
    }

    private static String sortKey(Image image) {
        String name = image.references().isEmpty()
                ? "~"
                : image.references().get(0).reference().toString();
        return name + " " + image.entry().document().digest();
    }

    private String places() {
        List<String> names = new ArrayList<>();
        roots.forEach(root -> names.add(root.toString()));
        return String.join(" or ", names);
    }
}
