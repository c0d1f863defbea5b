package org.plurality.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plurality.cache.Cache;
import org.plurality.cache.Entry;
import org.plurality.cache.ReferenceDocument;
import org.plurality.cache.Withdrawn;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.lease.Holder;
import org.plurality.lease.Lease;
import org.plurality.lease.LeaseId;
import org.plurality.lease.Leases;
import org.plurality.lease.Taken;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;

/** Finds an image in the caches and takes a lease on it: the lease first, then the entry, so that no expiry comes in between. */
public final class StagedImage {
    private static final int LOOKS = 10;
    private static final int PAUSE_MILLIS = 50;

    private StagedImage() {}

    /**
     * @param image a reference, a digest, or the beginning of one
     * @param caches in the order in which they are searched
     * @throws PluralityException (NOT_FOUND) when none has it, (USAGE) when it is no image's name, or several begin so
     */
    public static Entry lease(String image, Platform platform, List<Path> caches, JobContext job)
            throws PluralityException {
        return search(image, platform, caches, job);
    }

    /** Likewise, without a lease: for who looks and does not run. */
    static Entry find(String image, Platform platform, List<Path> caches) throws PluralityException {
        return search(image, platform, caches, null);
    }

    private static Entry search(String image, Platform platform, List<Path> roots, @Nullable JobContext job)
            throws PluralityException {
        List<Cache> caches = new ArrayList<>();
        for (Path root : roots) {
            Optional<Cache> cache = Cache.open(root);
            if (cache.isPresent()) {
                caches.add(cache.get());
            }
        }
        String prefix = DigestPrefix.of(image);
        if (!image.startsWith("sha256:") || prefix == null) {
            for (Cache cache : caches) {
                Optional<Digest> digest = resolve(image, platform, cache);
                Optional<Entry> entry = digest.isEmpty() ? Optional.empty() : open(cache, digest.get(), job);
                if (entry.isPresent()) {
                    return entry.get();
                }
            }
        }
        if (prefix != null) {
            Optional<DigestPrefix.Found> found = DigestPrefix.find(image, prefix, caches);
            Optional<Entry> entry = found.isEmpty()
                    ? Optional.empty()
                    : open(found.get().cache(), found.get().digest(), job);
            if (entry.isPresent()) {
                return entry.get();
            }
        }
        throw new PluralityException(
                FailureKind.NOT_FOUND,
                "cannot run " + image + ": it is not staged in "
                        + names(roots)
                        + (platform.equals(Platform.current()) ? "" : " for " + platform),
                "plurality-stagein pull " + image
                        + (platform.equals(Platform.current()) ? "" : " --platform " + platform));
    }

    private static Optional<Entry> open(Cache cache, Digest digest, @Nullable JobContext job)
            throws PluralityException {
        if (job == null) {
            return cache.find(digest);
        }
        if (isGone(cache, digest)) {
            return Optional.empty();
        }
        Optional<Taken> lease = takeLease(cache, digest, job);
        Optional<Entry> entry = find(cache, digest, lease.isPresent());
        // A job's is let be: on another node a step may have found the image by now, and count on it.
        boolean isOwn = job.holder() instanceof Holder.LocalProcess;
        if (entry.isEmpty() && isOwn && lease.isPresent() && lease.get().isNew()) {
            releaseLease(cache, digest, lease.get().id());
        }
        return entry;
    }

    /** Where the image is in another cache, this one keeps no lease of the job for it. */
    private static boolean isGone(Cache cache, Digest digest) {
        return !isThere(cache, digest) && !isComingBack(cache, digest) && !isThere(cache, digest);
    }

    private static boolean isThere(Cache cache, Digest digest) {
        return Files.exists(cache.layout().image(digest), LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * An expiry that looked just before the lease was there puts the image back when it sees the lease, which is at once; a repair renames a
     * new one into its place.
     */
    private static Optional<Entry> find(Cache cache, Digest digest, boolean leased) throws PluralityException {
        Optional<Entry> entry = cache.find(digest);
        for (int look = 0; leased && entry.isEmpty() && look < LOOKS && isComingBack(cache, digest); look++) {
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return entry;
            }
            entry = cache.find(digest);
        }
        // Or it came back between the two looks.
        return entry.isPresent() ? entry : cache.find(digest);
    }

    private static boolean isComingBack(Cache cache, Digest digest) {
        try {
            return Withdrawn.isPending(cache.layout(), digest);
        } catch (IOException e) {
            return true;
        }
    }

    private static Optional<Digest> resolve(String image, Platform platform, Cache cache) throws PluralityException {
        try {
            if (image.startsWith("sha256:") || image.startsWith("sha512:")) {
                return Optional.of(Digest.parse(image));
            }
            String name = image.startsWith("docker://") ? image.substring("docker://".length()) : image;
            ImageReference reference = ImageReference.parse(name);
            Optional<ReferenceDocument> recorded = cache.resolve(reference, platform);
            if (recorded.isPresent()) {
                return Optional.of(recorded.get().digest());
            }
            // A manifest's own digest names the entry, under whatever tag it was staged in.
            return Optional.ofNullable(reference.digest());
        } catch (IllegalArgumentException e) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot run '" + image + "': " + e.getMessage(),
                    "write it like alpine:3.20, registry.example.org/group/image:tag or sha256:…",
                    e);
        }
    }

    /**
     * @return none in a cache where this user may not take one: its owner keeps images by their age
     * @throws PluralityException (STORAGE) when the lease cannot be written: the image could go while the program runs
     */
    private static Optional<Taken> takeLease(Cache cache, Digest digest, JobContext job) throws PluralityException {
        Leases leases = new Leases(cache.layout());
        if (job.holder() instanceof Holder.LocalProcess) {
            leases.reapOwnEndedProcesses(digest);
        }
        return leases.takeIfAllowed(
                new Lease(job.lease(), digest, job.holder(), System.getProperty("user.name", "?"), Instant.now()));
    }

    private static void releaseLease(Cache cache, Digest digest, LeaseId lease) throws PluralityException {
        try {
            new Leases(cache.layout()).release(digest, lease);
        } catch (PluralityException e) {
            if (e.kind() != FailureKind.STORAGE) {
                throw e;
            }
        }
    }

    private static String names(List<Path> caches) {
        StringBuilder names = new StringBuilder();
        for (Path cache : caches) {
            names.append(names.length() == 0 ? "" : " or ").append(cache);
        }
        return names.toString();
    }
}
