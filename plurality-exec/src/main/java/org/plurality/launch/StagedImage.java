// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plurality.cache.Cache;
import org.plurality.cache.Entry;
import org.plurality.cache.ReferenceDocument;
import org.plurality.cache.WithdrawnEntry;
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
    /** Longer than a pass of expiry waits until other hosts have forgotten a name. */
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final int FIRST_PAUSE_MILLIS = 20;
    private static final int LONGEST_PAUSE_MILLIS = 500;

    private StagedImage() {}

    /**
     * @param image a reference, a digest, or the beginning of one
     * @param caches in the order in which they are searched
     * @throws PluralityException (NOT_FOUND) when none has it, (USAGE) when it is no image's name, or several begin so,
     *     (STORAGE) when the lease cannot be written, (BUSY) when the image is being removed or repaired and that takes long
     */
    public static Entry lease(String image, Platform platform, List<Path> caches, JobContext job)
            throws PluralityException {
        return lease(image, platform, caches, job, PATIENCE);
    }

    /** @param patience how long to wait for an image that is being removed or repaired */
    static Entry lease(String image, Platform platform, List<Path> caches, JobContext job, Duration patience)
            throws PluralityException {
        return search(image, platform, caches, job, patience);
    }

    /** Likewise, without a lease: for who looks and does not run. */
    static Entry find(String image, Platform platform, List<Path> caches) throws PluralityException {
        return search(image, platform, caches, null, Duration.ZERO);
    }

    private static Entry search(
            String image, Platform platform, List<Path> roots, @Nullable JobContext job, Duration patience)
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
                Optional<Entry> entry = digest.isEmpty() ? Optional.empty() : open(cache, digest.get(), job, patience);
                if (entry.isPresent()) {
                    return entry.get();
                }
            }
        }
        if (prefix != null) {
            Optional<DigestPrefix.Found> found = DigestPrefix.find(image, prefix, caches);
            Optional<Entry> entry = found.isEmpty()
                    ? Optional.empty()
                    : open(found.get().cache(), found.get().digest(), job, patience);
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

    private static Optional<Entry> open(Cache cache, Digest digest, @Nullable JobContext job, Duration patience)
            throws PluralityException {
        if (job == null) {
            return cache.find(digest);
        }
        if (isGone(cache, digest)) {
            return Optional.empty();
        }
        Optional<Taken> lease = takeLease(cache, digest, job);
        Optional<Entry> entry = Optional.empty();
        try {
            entry = find(cache, digest, patience);
            return entry;
        } finally {
            // A job's is let be: on another node a step may have found the image by now, and count on it.
            boolean isOwn = job.holder() instanceof Holder.LocalProcess;
            if (entry.isEmpty() && isOwn && lease.isPresent() && lease.get().isNew()) {
                releaseLease(cache, digest, lease.get().id());
            }
        }
    }

    /** Where the image is in another cache, this one keeps no lease of the job for it. */
    private static boolean isGone(Cache cache, Digest digest) {
        return !cache.isPresent(digest) && !isComingBack(cache, digest) && !cache.isPresent(digest);
    }

    /**
     * An expiry may have taken the image's name away just before the lease was there. If this user may, the launch gives
     * the name back; else the expiry does when it sees the lease. A repair renames a new image into the place.
     */
    private static Optional<Entry> find(Cache cache, Digest digest, Duration patience) throws PluralityException {
        long end = System.nanoTime() + patience.toNanos();
        for (int pause = FIRST_PAUSE_MILLIS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS)) {
            Optional<Entry> entry = cache.find(digest);
            if (entry.isPresent()) {
                return entry;
            }
            boolean isPending = takeBack(cache, digest);
            // It is back, or came back between the two looks.
            entry = cache.find(digest);
            if (entry.isPresent() || !isPending) {
                return entry;
            }
            if (System.nanoTime() - end > 0 || !sleep(pause)) {
                throw new PluralityException(
                        FailureKind.BUSY,
                        "cannot run " + digest + ": it is being removed from or replaced in "
                                + cache.layout().root() + ", and does not come back",
                        "run it again; if that fails too, ask the cache's owner to run 'plurality-stagein expire'");
            }
        }
    }

    private static boolean sleep(int millis) {
        try {
            Thread.sleep(millis);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static boolean takeBack(Cache cache, Digest digest) {
        try {
            return WithdrawnEntry.takeBack(cache.layout(), digest);
        } catch (IOException e) {
            return true;
        }
    }

    private static boolean isComingBack(Cache cache, Digest digest) {
        try {
            return WithdrawnEntry.isPending(cache.layout(), digest);
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
