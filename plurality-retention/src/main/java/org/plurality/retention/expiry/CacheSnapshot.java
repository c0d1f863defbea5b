// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.expiry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.plurality.cache.Cache;
import org.plurality.cache.Entry;
import org.plurality.cache.FileStat;
import org.plurality.cache.ParallelReads;
import org.plurality.cache.Pins;
import org.plurality.cache.RecordedReference;
import org.plurality.failure.PluralityException;
import org.plurality.posix.FilesystemSpace;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;
import org.plurality.retention.leases.LeaseKeeper;
import org.plurality.retention.leases.LeaseSnapshot;

/**
 * What is in a cache at one time. Reads only. Costs, for each image, two stats, a directory read and a file read; for each reference a
 * file read; and one question to each scheduler.
 *
 * @param references by the image that they stand for, also where there is none of it
 */
public record CacheSnapshot(
        Instant now,
        List<ImageUsage> candidates,
        LeaseSnapshot leases,
        Map<Digest, List<RecordedReference>> references,
        SpaceUsage occupancy) {

    /**
     * @param now by the filesystem server's clock
     */
    public static CacheSnapshot of(Cache cache, LeaseKeeper keeper, Instant now) throws PluralityException {
        List<Digest> digests = cache.digests();
        Map<Digest, List<RecordedReference>> references = new HashMap<>();
        for (RecordedReference reference : cache.recordedReferences()) {
            references
                    .computeIfAbsent(reference.document().digest(), _ -> new ArrayList<>())
                    .add(reference);
        }
        Set<String> pinned = new Pins(cache.layout()).all();
        LeaseSnapshot leases = keeper.census(digests, now);
        List<ImageUsage> candidates = ParallelReads.of(
                        digests,
                        digest -> candidate(
                                cache, digest, references.getOrDefault(digest, List.of()), pinned, leases, now))
                .stream()
                .flatMap(Optional::stream)
                .toList();
        return new CacheSnapshot(now, candidates, leases, references, occupancy(cache));
    }

    private static Optional<ImageUsage> candidate(
            Cache cache,
            Digest digest,
            List<RecordedReference> references,
            Set<String> pinned,
            LeaseSnapshot leases,
            Instant now) {
        LeaseSnapshot.ImageLeases held = leases.of(digest);
        Path document = cache.layout().entryDocument(cache.layout().image(digest));
        Instant published = now;
        Set<String> names = new LinkedHashSet<>();
        references.forEach(
                reference -> names.add(reference.document().reference().toString()));
        long bytes = 0;
        long inodes = 0;
        String problem = "";
        try {
            published = earlier(FileStat.of(document).modified(), now);
            Optional<Entry> entry = cache.find(digest);
            if (entry.isEmpty()) {
                return Optional.empty();
            }
            names.addAll(entry.get().document().references());
            bytes = entry.get().document().bytes();
            inodes = entry.get().document().inodes();
        } catch (IOException e) {
            if (!Files.exists(cache.layout().image(digest))) {
                return Optional.empty();
            }
            problem = PluralityException.reasonOf(e);
        } catch (PluralityException e) {
            problem = e.getMessage();
        }
        return Optional.of(new ImageUsage(
                digest,
                List.copyOf(names),
                repositories(names),
                bytes,
                inodes,
                published,
                lastUse(published, references, held, now),
                pinned.contains(digest.hex()),
                held.holders(),
                problem));
    }

    /** The latest of all that marks a use; a time in the future, which a lease's owner could set, is now. */
    static Instant lastUse(
            Instant published, List<RecordedReference> references, LeaseSnapshot.ImageLeases leases, Instant now) {
        Instant vouched = lastVouched(published, references);
        return earlier(later(vouched, leases.lastUse(vouched)), now);
    }

    /** When the image was published or resolved last. */
    private static Instant lastVouched(Instant published, List<RecordedReference> references) {
        Instant last = published;
        for (RecordedReference reference : references) {
            last = later(last, reference.modified());
        }
        return last;
    }

    /** The same of a candidate. */
    Instant lastVouched(ImageUsage candidate) {
        return lastVouched(candidate.published(), references.getOrDefault(candidate.digest(), List.of()));
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private static List<String> repositories(Set<String> names) {
        Set<String> repositories = new LinkedHashSet<>();
        for (String name : names) {
            try {
                ImageReference reference = ImageReference.parse(name);
                repositories.add(reference.registry() + "/" + reference.repository());
            } catch (IllegalArgumentException e) {
                // From another kind of source: it has no repository.
            }
        }
        return List.copyOf(repositories);
    }

    private static SpaceUsage occupancy(Cache cache) throws PluralityException {
        BlobFiles blobs = BlobFiles.count(cache.layout());
        try {
            FilesystemSpace space = FilesystemSpace.of(cache.layout().root());
            long inodes = space.inodes() == 0 ? Long.MAX_VALUE : space.freeInodes();
            return new SpaceUsage(blobs.bytes(), blobs.files(), space.freeBytes(), inodes);
        } catch (IOException e) {
            throw PluralityException.storage(
                    "cannot tell how much is free on " + cache.layout().root(), e);
        }
    }
}
