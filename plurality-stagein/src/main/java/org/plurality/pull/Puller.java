package org.plurality.pull;

import java.time.Clock;
import java.util.Optional;
import org.plurality.cache.Cache;
import org.plurality.cache.Entry;
import org.plurality.cache.ReferenceDocument;
import org.plurality.cache.StaleFiles;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.image.ImageReader;
import org.plurality.image.ManifestResolver;
import org.plurality.progress.Progress;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;
import org.plurality.registry.Registry;

/**
 * Stages images in from registries.
 *
 * <p>Idempotent, and safe to run any number of times at once on any number of hosts. What is there already costs one request per index on
 * the way and one small write; a reference with a digest that is there costs no request at all. A pull that fails or is killed leaves
 * nothing under a final name.
 */
public final class Puller {
    private final Cache cache;
    private final Registry.Access access;
    private final RootfsSink.Factory rootfs;
    private final Interruption interruption;
    private final Clock clock;
    private final int parallel;

    /** @param parallel layers of one image that are fetched at once */
    public Puller(
            Cache cache,
            Registry.Access access,
            RootfsSink.Factory rootfs,
            Interruption interruption,
            Clock clock,
            int parallel) {
        this.cache = cache;
        this.access = access;
        this.rootfs = rootfs;
        this.interruption = interruption;
        this.clock = clock;
        this.parallel = parallel;
    }

    public PullResult pull(PullRequest request, Progress progress) throws PluralityException {
        ImageReference reference = request.reference();
        Optional<Entry> exact = findExact(request);
        if (exact.isPresent()) {
            return new PullResult(reference, exact.get(), true);
        }
        try (ImageReader source = Registry.of(reference, access)) {
            return pull(request, source, progress);
        }
    }

    private PullResult pull(PullRequest request, ImageReader source, Progress progress) throws PluralityException {
        ImageReference reference = request.reference();
        ManifestResolver.Resolution resolution = new ManifestResolver(source, request.platform()).resolve();
        Digest digest = resolution.digest();
        Optional<Entry> present = cache.find(digest);
        if (present.isPresent()) {
            if (resolution.image().isPresent()) {
                requirePlatform(request, present.get());
            }
            record(request, digest);
            return new PullResult(reference, present.get(), true);
        }
        new StaleFiles(cache.layout()).sweep();
        progress.phase("staging in " + reference + " for " + request.platform());
        Staging work = new Staging(cache, source, rootfs, interruption, clock, parallel, progress);
        SingleFlight.Landed landed;
        try (Interruption.Section _ = interruption.begin(source::cancel)) {
            landed = new SingleFlight(cache, progress).run(digest, () -> work.run(request, resolution));
        }
        record(request, digest);
        return new PullResult(reference, landed.entry(), !landed.own());
    }

    /** A digest stands for the same bytes for ever: when it is known here, nobody needs to be asked. */
    private Optional<Entry> findExact(PullRequest request) throws PluralityException {
        Digest digest = request.reference().digest();
        if (digest == null) {
            return Optional.empty();
        }
        Optional<Entry> image = cache.find(digest);
        if (image.isPresent()) {
            requirePlatform(request, image.get());
            if (cache.resolve(request.reference(), request.platform()).isEmpty()) {
                record(request, digest);
            }
            return image;
        }
        Optional<ReferenceDocument> index = cache.resolve(request.reference(), request.platform());
        return index.isPresent() ? cache.find(index.get().digest()) : Optional.empty();
    }

    /** A name that stands for one image stands for no other platform's; where an index chose the image, its word counts. */
    private static void requirePlatform(PullRequest request, Entry present) throws PluralityException {
        Platform platform = present.document().platform();
        if (!platform.architecture().equals(request.platform().architecture())) {
            throw new PluralityException(
                    FailureKind.NOT_FOUND,
                    "cannot find an image for " + request.platform() + " in " + request.reference() + ": it is for "
                            + platform,
                    "stage it in with --platform " + platform + " if that is meant");
        }
    }

    private void record(PullRequest request, Digest digest) throws PluralityException {
        try {
            cache.record(request.reference(), request.platform(), digest, clock.instant());
        } catch (PluralityException e) {
            boolean known = cache.resolve(request.reference(), request.platform())
                    .map(document -> document.digest().equals(digest))
                    .orElse(false);
            // In a cache that one may only read, all that is lost is the date.
            if (!known) {
                throw e;
            }
        }
    }
}
