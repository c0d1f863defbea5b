// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.expiry;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.plurality.blobs.BlobSweep;
import org.plurality.cache.Cache;
import org.plurality.cache.CacheLayout;
import org.plurality.cache.CachePermissions;
import org.plurality.cache.DedupeStore;
import org.plurality.cache.DurableFiles;
import org.plurality.cache.FileStat;
import org.plurality.cache.HeartbeatLock;
import org.plurality.cache.OwnerTaggedName;
import org.plurality.cache.RecordedReference;
import org.plurality.cache.WithdrawnEntry;
import org.plurality.failure.PluralityException;
import org.plurality.lease.Leases;
import org.plurality.reference.Digest;
import org.plurality.retention.leases.LeaseKeeper;
import org.plurality.retention.leases.LeaseSnapshot;

/**
 * Clears away what no image needs: names of images that are gone, directories for their leases, blobs that nobody used, downloads and locks
 * that were left. Everything younger than a day stays, but for what belongs to images that this pass removed, and for names, which are
 * written once their image is there: it may be on its way to becoming part of something.
 */
public final class Sweep {
    private static final Duration LEFT = Duration.ofDays(1);

    private final CacheLayout layout;
    private final LeaseKeeper keeper;
    private final Duration keepBlobs;
    private final Duration wait;

    /** @param wait longer than any host's attribute cache keeps */
    Sweep(Cache cache, LeaseKeeper keeper, Duration keepBlobs, Duration wait) {
        this.layout = cache.layout();
        this.keeper = keeper;
        this.keepBlobs = keepBlobs;
        this.wait = wait;
    }

    /** How many of each were removed. */
    public record Swept(int references, int leaseDirectories, int blobs, long blobBytes, int locks) {}

    Swept run(CacheSnapshot survey, List<Decision> expired, List<PluralityException> problems) {
        int references = 0;
        int directories = 0;
        int blobs = 0;
        long blobBytes = 0;
        int locks = 0;
        try {
            references = references(survey, expired);
            directories = leaseDirectories(survey);
            BlobSweep.Swept swept = new BlobSweep(layout, keepBlobs).sweep(false);
            blobs = swept.blobs();
            blobBytes = swept.bytes();
            locks = locks(survey.now());
            boolean wentImages = !expired.isEmpty();
            long _ = new DedupeStore(layout).sweepNowAndThen(survey.now(), wentImages);
        } catch (IOException e) {
            problems.add(PluralityException.storage("cannot clear up in " + layout.root(), e));
        } catch (PluralityException e) {
            problems.add(e);
        }
        return new Swept(references, directories, blobs, blobBytes, locks);
    }

    private int references(CacheSnapshot survey, List<Decision> expired) throws IOException {
        Set<Digest> gone = new HashSet<>();
        expired.forEach(decision -> gone.add(decision.candidate().digest()));
        int removed = 0;
        for (Map.Entry<Digest, List<RecordedReference>> of : survey.references().entrySet()) {
            if (!isGone(of.getKey())) {
                continue;
            }
            for (RecordedReference reference : of.getValue()) {
                // The image was there before its name: by now every host would see it.
                boolean isLeft = reference.modified().isBefore(survey.now().minus(wait));
                if (isLeft || gone.contains(of.getKey())) {
                    removed += takeAway(reference) ? 1 : 0;
                }
            }
        }
        return removed;
    }

    /** Not just withdrawn, by another pass that may put it back. */
    private boolean isGone(Digest image) throws IOException {
        return !Files.exists(layout.image(image), LinkOption.NOFOLLOW_LINKS)
                && !WithdrawnEntry.isPending(layout, image)
                && !Files.exists(layout.image(image), LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * A pull may write the name anew at this moment: what was taken away is looked at, and put back where it is not what was meant.
     */
    private boolean takeAway(RecordedReference reference) throws IOException {
        Path away = OwnerTaggedName.in(layout.trash(), "ref");
        try {
            DurableFiles.rename(reference.file(), away);
        } catch (NoSuchFileException e) {
            return false;
        }
        boolean isMeant = FileStat.of(away).modified().equals(reference.modified());
        if (!isMeant) {
            // One that was written a second time meanwhile counts.
            DurableFiles.putBack(away, reference.file());
        }
        Files.deleteIfExists(away);
        removeEmpty(reference.file().resolveSibling(".").normalize());
        return isMeant;
    }

    /** Directories for names of which none is left; who is about to write one makes them again. */
    private void removeEmpty(Path directory) {
        try {
            for (Path at = directory; !at.equals(layout.refs()) && at.startsWith(layout.refs()); ) {
                Files.delete(at);
                at = at.resolveSibling(".").normalize();
            }
        } catch (IOException e) {
            // Not empty, or gone.
        }
    }

    /** Of images that are not there, and on which nobody waits. */
    private int leaseDirectories(CacheSnapshot survey) throws IOException, PluralityException {
        List<Digest> orphans = new ArrayList<>();
        for (Path directory : children(layout.leases())) {
            Optional<Digest> digest = digest(directory);
            if (digest.isPresent() && isLeft(directory, survey.now()) && isGone(digest.get())) {
                orphans.add(digest.get());
            }
        }
        LeaseSnapshot census = keeper.census(orphans, survey.now());
        keeper.reap(census);
        int removed = 0;
        for (Digest orphan : orphans) {
            if (census.of(orphan).holders().isEmpty() && removeLeaseDirectory(orphan, survey.now())) {
                removed++;
            }
        }
        return removed;
    }

    /**
     * The leases went one by one, as they were judged; since then the schedulers were asked. One that was taken meanwhile keeps the directory,
     * and an image that was published meanwhile has its directory again: who publishes looks for it once the image has its name.
     */
    private boolean removeLeaseDirectory(Digest image, Instant now) throws IOException {
        Path directory = layout.leases(image);
        try {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
                for (Path file : files) {
                    if (!Leases.isLease(file) && isLeft(file, now)) {
                        DurableFiles.deleteTree(file);
                    }
                }
            }
            if (!isGone(image)) {
                return false;
            }
            Files.delete(directory);
        } catch (FileSystemException | DirectoryIteratorException e) {
            // A lease that was just taken, or what only its owner can remove: the rest of the sweep matters more.
            return false;
        }
        if (isGone(image)) {
            return true;
        }
        CachePermissions.createLeaseDirectory(layout, image);
        return false;
    }

    private int locks(Instant now) throws IOException {
        int removed = 0;
        for (Path lock : children(layout.locks())) {
            try {
                if (isLeft(lock, now)) {
                    DurableFiles.deleteTree(lock);
                    removed++;
                } else if (HeartbeatLock.removeIfStale(layout, lock)) {
                    removed++;
                }
            } catch (IOException e) {
                // Another user's.
            }
        }
        return removed;
    }

    private static boolean isLeft(Path path, Instant now) throws IOException {
        try {
            return FileStat.of(path).modified().isBefore(now.minus(LEFT));
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static Optional<Digest> digest(Path directory) {
        String hex = String.valueOf(directory.getFileName());
        for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
            try {
                return Optional.of(new Digest(algorithm, hex));
            } catch (IllegalArgumentException e) {
                // Not this one's.
            }
        }
        return Optional.empty();
    }

    private static List<Path> children(Path directory) throws IOException {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(children::add);
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return children;
    }
}
