package org.plurality.launch;

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
        Optional<LeaseId> lease = takeLease(cache, digest, job);
        Optional<Entry> entry = find(cache, digest, lease.isPresent());
        if (entry.isEmpty() && lease.isPresent()) {
            releaseLease(cache, digest, lease.get());
        }
        return entry;
    }

    /** An expiry that looked just before the lease was there puts the image back when it sees the lease, which is at once. */
    private static Optional<Entry> find(Cache cache, Digest digest, boolean leased) throws PluralityException {
        Optional<Entry> entry = cache.find(digest);
        for (int look = 0; leased && entry.isEmpty() && look < LOOKS && isExpiring(cache); look++) {
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return entry;
            }
            entry = cache.find(digest);
        }
        return entry;
    }

    private static boolean isExpiring(Cache cache) {
        String[] names = cache.layout().trash().toFile().list();
        for (int i = 0; names != null && i < names.length; i++) {
            if (names[i].startsWith(Withdrawn.PREFIX)) {
                return true;
            }
        }
        return false;
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

    /** None in a cache where this user may not take one: its owner's expiry knows of no such readers but by their age. */
    private static Optional<LeaseId> takeLease(Cache cache, Digest digest, JobContext job) throws PluralityException {
        Leases leases = new Leases(cache.layout());
        try {
            if (job.holder() instanceof Holder.LocalProcess) {
                leases.reapOwnEndedProcesses(digest);
            }
            return Optional.of(leases.take(
                    new Lease(job.lease(), digest, job.holder(), System.getProperty("user.name", "?"), Instant.now())));
        } catch (PluralityException e) {
            if (e.kind() != FailureKind.STORAGE) {
                throw e;
            }
            return Optional.empty();
        }
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
