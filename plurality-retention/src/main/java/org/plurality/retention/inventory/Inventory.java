// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.inventory;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.plurality.cache.Cache;
import org.plurality.cache.DedupeStore;
import org.plurality.cache.Entry;
import org.plurality.cache.ParallelReads;
import org.plurality.cache.Pins;
import org.plurality.cache.ReferenceDocument;
import org.plurality.cache.WithdrawnEntry;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.lease.Leases;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;
import org.plurality.retention.leases.JudgedLease;
import org.plurality.retention.leases.LeaseKeeper;
import org.plurality.retention.leases.LeaseSnapshot;

/** The images in some caches, of which the first that has one counts. Caches that do not exist are empty. */
public final class Inventory {
    private static final Pattern PREFIX = Pattern.compile("(?:sha256:|sha512:)?([0-9a-f]{4,128})");

    private final List<Cache> caches = new ArrayList<>();
    private final List<Path> roots;
    private final List<Path> absent = new ArrayList<>();

    /** @param roots in the order of look-up */
    public Inventory(List<Path> roots) throws PluralityException {
        this.roots = List.copyOf(roots);
        for (Path root : roots) {
            Cache.open(root).ifPresentOrElse(caches::add, () -> absent.add(root));
        }
    }

    /** Those of the places where there is no cache. */
    public List<Path> absent() {
        return List.copyOf(absent);
    }

    /**
     * All of them, by name and then by digest.
     *
     * @param damaged is told of those that cannot be read
     */
    public List<Image> images(Consumer<PluralityException> damaged) throws PluralityException {
        // Keys are made once, not at each comparison: there are tens of thousands of images.
        TreeMap<String, Image> images = new TreeMap<>();
        for (Cache cache : caches) {
            Map<Digest, List<ReferenceDocument>> references = new HashMap<>();
            for (ReferenceDocument reference : cache.references()) {
                references
                        .computeIfAbsent(reference.digest(), _ -> new ArrayList<>())
                        .add(reference);
            }
            for (Read read : ParallelReads.of(cache.digests(), digest -> Read.of(cache, digest))) {
                if (read.problem() != null) {
                    damaged.accept(read.problem());
                } else if (read.entry() != null) {
                    Digest digest = read.entry().document().digest();
                    Image image = new Image(cache, read.entry(), references.getOrDefault(digest, List.of()));
                    images.put(sortKey(image) + " " + images.size(), image);
                }
            }
        }
        return List.copyOf(images.values());
    }

    /** An image, or why it cannot be read, or neither where it has gone. */
    private record Read(@Nullable Entry entry, @Nullable PluralityException problem) {
        static Read of(Cache cache, Digest digest) {
            try {
                return new Read(cache.find(digest).orElse(null), null);
            } catch (PluralityException e) {
                return new Read(null, e);
            }
        }
    }

    /**
     * The image that a person means, without its names. Costs the same in a cache of any size, but for the beginning of a digest.
     *
     * @param text a reference, a digest, or the beginning of a digest that only one image has
     * @throws PluralityException (NOT_FOUND, or USAGE when several fit)
     */
    public Image find(String text, Platform platform) throws PluralityException {
        Located located = locate(text, platform);
        Optional<Entry> entry = located.cache().find(located.digest());
        if (entry.isEmpty()) {
            throw notFound(text, platform);
        }
        return new Image(located.cache(), entry.get(), List.of());
    }

    /** The same with its names. Reads every reference of the cache. */
    public Image findNamed(String text, Platform platform) throws PluralityException {
        Image image = find(text, platform);
        return image(image.cache(), image.entry(), image.cache().references());
    }

    /** Where an image is, whether or not it can be read. */
    public record Located(Cache cache, Digest digest) {}

    /**
     * Where the image is that a person means, also when it is damaged.
     *
     * @param text as {@link #find} takes it
     */
    public Located locate(String text, Platform platform) throws PluralityException {
        Optional<Located> found = byReference(text, platform);
        if (found.isPresent()) {
            return found.get();
        }
        List<Located> fitting = byPrefix(text);
        if (fitting.size() > 1) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot tell which image '" + text + "' is: " + fitting.size() + " digests begin so",
                    "give more of the digest; 'plurality-stagein list' shows them");
        }
        if (fitting.isEmpty()) {
            throw notFound(text, platform);
        }
        return fitting.get(0);
    }

    private PluralityException notFound(String text, Platform platform) {
        return new PluralityException(
                FailureKind.NOT_FOUND,
                "cannot find " + text + " for " + platform + " in " + places() + ": it is not staged in",
                "stage it in with 'plurality-stagein pull " + text + "'; 'plurality-stagein list' shows what is there");
    }

    /** Who looks after the leases of a cache. */
    @FunctionalInterface
    public interface Keepers {
        LeaseKeeper of(Cache cache) throws PluralityException;
    }

    /** Other hosts remember for a while what they have seen of a shared filesystem. */
    @FunctionalInterface
    public interface Forgetting {
        /**
         * @param look is called every second of the wait; what it throws ends the wait
         * @return whether there was anything to wait for
         */
        boolean pause(Cache cache, Look look) throws PluralityException;
    }

    /** Looks whether an image is needed after all. */
    @FunctionalInterface
    public interface Look {
        void look() throws PluralityException;
    }

    /**
     * Removes an image and its names; also one whose document is damaged. If the text is one of several tags that the
     * image has, only that name is removed.
     *
     * <p>The leases are looked at again once nobody can find the image any more, so that a job that took one meanwhile keeps it.
     *
     * @param text as {@link #find} takes it
     * @param keepers of the leases in a cache
     * @param force also when it is leased or pinned
     * @param forgetting waits until every host has forgotten the image's name; not called with {@code force}
     * @throws PluralityException (BUSY) when it is needed; the message says by whom. (INTERRUPTED) when the wait was cut off: it is there again
     */
    public Removal remove(String text, Platform platform, boolean force, Keepers keepers, Forgetting forgetting)
            throws PluralityException {
        Located image = locate(text, platform);
        Cache cache = image.cache();
        LeaseKeeper keeper = keepers.of(cache);
        Instant now = Holding.now(cache);
        LeaseSnapshot leases = keeper.census(List.of(image.digest()), now);
        if (!force) {
            keeper.reap(leases);
            refuseIfHeld(image, leases.of(image.digest()));
        }
        List<ReferenceDocument> others = otherTags(image, text);
        if (!others.isEmpty()) {
            cache.forget(reference(text).orElseThrow(), platform);
            return new Removal(image.digest(), others, false);
        }
        Optional<WithdrawnEntry> withdrawn = force ? cache.unpublish(image.digest()) : cache.withdraw(image.digest());
        if (!force && withdrawn.isPresent()) {
            try {
                refuseIfHeld(image, keeper.again(image.digest(), leases, now));
                Look look = () -> {
                    refuseIfHeld(image, keeper.again(image.digest(), leases, now));
                    refuseIfTakenBack(image);
                };
                if (forgetting.pause(cache, look)) {
                    lookAnew(cache, image.digest());
                    look.look();
                }
            } catch (PluralityException e) {
                boolean _ = withdrawn.get().restore();
                throw e;
            }
        }
        if (withdrawn.isPresent()) {
            withdrawn.get().doom();
        }
        cache.forget(image.digest());
        new Pins(cache.layout()).unpin(image.digest());
        boolean isDeleted = true;
        if (withdrawn.isPresent()) {
            isDeleted = withdrawn.get().delete();
            sweepShared(cache);
        }
        return new Removal(image.digest(), List.of(), isDeleted);
    }

    /** A launch on another host gives an image its name back that it meets on its way out, and may have ended since. */
    private static void refuseIfTakenBack(Located image) throws PluralityException {
        if (isPresent(image.cache(), image.digest())) {
            throw new PluralityException(
                    FailureKind.BUSY,
                    "cannot remove " + image.digest() + ": a launch used it while it was being removed",
                    "run the command again, or remove it anyway with --force");
        }
    }

    /** Returns the tags that an image has besides the one that was named; none when it was named by its digest. */
    private static List<ReferenceDocument> otherTags(Located image, String text) throws PluralityException {
        ImageReference named = reference(text).orElse(null);
        List<ReferenceDocument> others = new ArrayList<>();
        boolean isRecorded = false;
        for (ReferenceDocument recorded : image.cache().references()) {
            if (recorded.digest().equals(image.digest()) && recorded.reference().digest() == null) {
                boolean isNamed = recorded.reference().equals(named);
                isRecorded |= isNamed;
                if (!isNamed) {
                    others.add(recorded);
                }
            }
        }
        return isRecorded ? others : List.of();
    }

    /** This host's view of the leases may be old: a change of one's own makes it look. */
    private static void lookAnew(Cache cache, Digest digest) throws PluralityException {
        try {
            new Leases(cache.layout()).touch(digest);
        } catch (IOException e) {
            throw PluralityException.storage("cannot read the leases of " + digest, e);
        }
    }

    /** So that what it alone had takes no more room. */
    private static void sweepShared(Cache cache) {
        try {
            long _ = new DedupeStore(cache.layout()).sweep();
        } catch (IOException e) {
            // An expiry does it.
        }
    }

    private static void refuseIfHeld(Located image, LeaseSnapshot.ImageLeases leases) throws PluralityException {
        List<String> holders = new ArrayList<>();
        for (JudgedLease lease : leases.leases()) {
            if (lease.holds()) {
                holders.add(lease.why());
            }
        }
        if (!leases.problem().isEmpty()) {
            // Somebody's all the same.
            holders.add("somebody, perhaps (" + leases.problem() + ")");
        }
        if (new Pins(image.cache().layout()).has(image.digest())) {
            holders.add("a pin");
        }
        if (!holders.isEmpty()) {
            throw new PluralityException(
                    FailureKind.BUSY,
                    "cannot remove " + image.digest() + ": it is held by " + String.join(", ", holders),
                    "wait until they end, or remove it under their feet with --force");
        }
    }

    private Optional<Located> byReference(String text, Platform platform) throws PluralityException {
        Optional<ImageReference> reference = reference(text);
        if (reference.isEmpty()) {
            return Optional.empty();
        }
        for (Cache cache : caches) {
            Digest exact = reference.get().digest();
            if (exact != null && isPresent(cache, exact)) {
                return Optional.of(new Located(cache, exact));
            }
            Optional<ReferenceDocument> recorded = cache.resolve(reference.get(), platform);
            if (recorded.isPresent() && isPresent(cache, recorded.get().digest())) {
                return Optional.of(new Located(cache, recorded.get().digest()));
            }
        }
        return Optional.empty();
    }

    private static boolean isPresent(Cache cache, Digest digest) {
        return cache.isPresent(digest);
    }

    private List<Located> byPrefix(String text) throws PluralityException {
        var matcher = PREFIX.matcher(text);
        if (!matcher.matches()) {
            return List.of();
        }
        List<Located> fitting = new ArrayList<>();
        for (Cache cache : caches) {
            for (Digest digest : cache.digests()) {
                boolean seen = fitting.stream().anyMatch(other -> other.digest().equals(digest));
                if (!seen && digest.hex().startsWith(matcher.group(1))) {
                    fitting.add(new Located(cache, digest));
                }
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
