// SPDX-License-Identifier: Apache-2.0
package org.plurality.pull;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.plurality.blobs.BlobSweep;
import org.plurality.cache.Cache;
import org.plurality.cache.Entry;
import org.plurality.cache.ReferenceDocument;
import org.plurality.cache.Scratch;
import org.plurality.cache.StaleFiles;
import org.plurality.display.Progress;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.image.ImageReader;
import org.plurality.image.ImageSource;
import org.plurality.image.ManifestResolver;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;
import org.plurality.trust.Admission;
import org.plurality.trust.SignatureSource;

/**
 * Stages images in.
 *
 * <p>Idempotent, and safe to run any number of times at once on any number of hosts. What is there already costs one
 * request per index on the way and one small write; a reference with a digest that is there costs no request at all. A
 * pull that fails or is killed leaves nothing under a final name.
 *
 * <p>An image that does not come from a registry is looked for under other digests, too: see {@link EquivalentImageFinder}.
 */
public final class Puller {
    private final Cache cache;
    private final ImageSourceOpener places;
    private final RootfsSink.Factory rootfs;
    private final ShutdownHandler interruption;
    private final Clock clock;
    private final int parallel;
    private Duration keepBlobs = Duration.ZERO;
    private Admission admission = Admission.OF_ALL;

    /** @param parallel layers of one image that are fetched at once */
    public Puller(
            Cache cache,
            ImageSourceOpener places,
            RootfsSink.Factory rootfs,
            ShutdownHandler interruption,
            Clock clock,
            int parallel) {
        this.cache = cache;
        this.places = places;
        this.rootfs = rootfs;
        this.interruption = interruption;
        this.clock = clock;
        this.parallel = parallel;
    }

    /** @param keep how long layers stay after their last use, for images that share them; zero for not at all */
    public Puller keepBlobs(Duration keep) {
        keepBlobs = keep;
        return this;
    }

    /** What is staged in has to be admitted first; what is there already, too. */
    public Puller admitting(Admission rules) {
        admission = rules;
        return this;
    }

    public PullResult pull(PullRequest request, Progress progress) throws PluralityException {
        boolean unseen = admission.admitsUnseen(request.source());
        Optional<PullResult> exact = unseen ? findExact(request) : Optional.empty();
        if (exact.isPresent()) {
            return exact.get();
        }
        try (ShutdownHandler.Section _ = interruption.begin(() -> {});
                Scratch scratch = cache.scratch();
                ImageReader source = places.open(request, scratch, progress);
                ShutdownHandler.Section _ = interruption.begin(source::cancel)) {
            return pull(request, source, progress);
        }
    }

    /**
     * What an image's name stands for now, without staging it in: the digest that {@link #pull} would give at this
     * moment. Costs one request for each index and manifest on the way, none where the name has a digest that is in the
     * cache.
     */
    public Digest resolve(PullRequest request, Progress progress) throws PluralityException {
        Optional<PullResult> exact = findExact(request);
        if (exact.isPresent()) {
            return exact.get().entry().document().digest();
        }
        try (ShutdownHandler.Section _ = interruption.begin(() -> {});
                Scratch scratch = cache.scratch();
                ImageReader source = places.open(request, scratch, progress);
                ShutdownHandler.Section _ = interruption.begin(source::cancel)) {
            return new ManifestResolver(source, request.platform()).resolve().digest();
        }
    }

    private PullResult pull(PullRequest request, ImageReader source, Progress progress) throws PluralityException {
        Optional<SignatureSource> signatures =
                source instanceof SignatureSource beside ? Optional.of(beside) : Optional.empty();
        if (signatures.isEmpty()) {
            admission.check(request.source(), List.of(), signatures);
        }
        EquivalentImageFinder same = new EquivalentImageFinder(cache, source);
        Optional<Entry> known = same.byId();
        if (known.isPresent()) {
            requirePlatform(request, known.get());
            return result(request, source, known.get(), true);
        }
        ManifestResolver.Resolution resolution = new ManifestResolver(source, request.platform()).resolve();
        Digest digest = resolution.digest();
        if (signatures.isPresent()) {
            List<Digest> manifests = new ArrayList<>(resolution.indexes());
            manifests.add(digest);
            admission.check(request.source(), manifests, signatures);
        }
        Optional<Entry> present = cache.find(digest);
        if (present.isEmpty() && !(request.source() instanceof ImageSource.InRegistry)) {
            present = same.byContent(resolution);
        }
        if (present.isPresent()) {
            if (!resolution.byPlatform()) {
                requirePlatform(request, present.get());
            }
            return result(request, source, present.get(), true);
        }
        new StaleFiles(cache.layout()).sweep();
        progress.phase("staging in " + source + " for " + request.platform());
        PullPipeline work =
                new PullPipeline(cache, source, rootfs, interruption, clock, !keepBlobs.isZero(), parallel, progress);
        SingleFlight.Landed landed = new SingleFlight(cache, request.source().toString(), progress)
                .run(digest, () -> work.run(request, names(request, source), resolution));
        new BlobSweep(cache.layout(), keepBlobs).sweepNowAndThen();
        return result(request, source, landed.entry(), !landed.own());
    }

    /**
     * Stages an image in again, and puts it in the place of a publication that is damaged. Who runs from that goes on.
     *
     * @param request for the manifest, in a registry
     * @param names for its document
     * @param damaged what tells that publication from others, not empty; when another has its place already, nothing is
     *     done
     * @return whether it was done here
     */
    public boolean restage(
            PullRequest request, List<ImageReference> names, Digest digest, String damaged, Progress progress)
            throws PluralityException {
        try (ShutdownHandler.Section _ = interruption.begin(() -> {});
                Scratch scratch = cache.scratch();
                ImageReader source = places.open(request, scratch, progress);
                ShutdownHandler.Section _ = interruption.begin(source::cancel)) {
            ManifestResolver.Resolution resolution = new ManifestResolver(source, request.platform()).resolve();
            if (!resolution.digest().equals(digest)) {
                throw new PluralityException(
                        FailureKind.INTEGRITY,
                        "cannot stage in " + digest + " again: " + source + " has " + resolution.digest(),
                        "pull it from where it came from");
            }
            Optional<SignatureSource> signatures =
                    source instanceof SignatureSource beside ? Optional.of(beside) : Optional.empty();
            admission.check(request.source(), List.of(digest), signatures);
            new StaleFiles(cache.layout()).sweep();
            PullPipeline work = new PullPipeline(
                            cache, source, rootfs, interruption, clock, !keepBlobs.isZero(), parallel, progress)
                    .replacing();
            return new SingleFlight(cache, request.source().toString(), progress)
                    .run(digest, damaged, () -> work.run(request, names, resolution))
                    .own();
        }
    }

    /** A digest stands for the same bytes for ever: when it is known here, nobody needs to be asked. */
    private Optional<PullResult> findExact(PullRequest request) throws PluralityException {
        if (!(request.source() instanceof ImageSource.InRegistry in)) {
            return Optional.empty();
        }
        ImageReference reference = in.reference();
        Digest digest = reference.digest();
        if (digest == null) {
            return Optional.empty();
        }
        List<ImageReference> names = request.name() == null ? List.of(reference) : List.of(reference, request.name());
        Optional<Entry> image = cache.find(digest);
        if (image.isPresent()) {
            requirePlatform(request, image.get());
        } else {
            Optional<ReferenceDocument> index = cache.resolve(reference, request.platform());
            image = index.isPresent() ? cache.find(index.get().digest()) : Optional.empty();
        }
        if (image.isEmpty()) {
            return Optional.empty();
        }
        for (ImageReference name : names) {
            Optional<ReferenceDocument> recorded = cache.resolve(name, request.platform());
            if (recorded.isEmpty()
                    || !recorded.get().digest().equals(image.get().document().digest())) {
                record(name, request, image.get().document().digest());
            }
        }
        return Optional.of(new PullResult(names, image.get(), true));
    }

    /**
     * A name that stands for one image stands for no other platform's; where an index chose the image, its word counts.
     */
    private static void requirePlatform(PullRequest request, Entry present) throws PluralityException {
        Platform platform = present.document().platform();
        if (!platform.architecture().equals(request.platform().architecture())) {
            throw new PluralityException(
                    FailureKind.NOT_FOUND,
                    "cannot find an image for " + request.platform() + " in " + request.source() + ": it is for "
                            + platform,
                    "stage it in with --platform " + platform + " if that is meant");
        }
    }

    /**
     * A registry's name for an image is a fact, and stays beside one that is wished for; what a file says of itself is
     * not.
     */
    private static List<ImageReference> names(PullRequest request, ImageReader source) {
        ImageReference wished = request.name();
        if (wished == null) {
            return source.names();
        }
        return request.source() instanceof ImageSource.InRegistry in
                ? List.of(in.reference(), wished)
                : List.of(wished);
    }

    private PullResult result(PullRequest request, ImageReader source, Entry entry, boolean alreadyPresent)
            throws PluralityException {
        List<ImageReference> names = names(request, source);
        for (ImageReference name : names) {
            record(name, request, entry.document().digest());
        }
        return new PullResult(names, entry, alreadyPresent);
    }

    private void record(ImageReference name, PullRequest request, Digest digest) throws PluralityException {
        try {
            cache.record(name, request.platform(), digest, clock.instant());
        } catch (PluralityException e) {
            boolean known = cache.resolve(name, request.platform())
                    .map(document -> document.digest().equals(digest))
                    .orElse(false);
            // In a cache that one may only read, all that is lost is the date.
            if (!known) {
                throw e;
            }
        }
    }
}
