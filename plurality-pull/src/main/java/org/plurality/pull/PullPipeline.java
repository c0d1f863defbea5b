// SPDX-License-Identifier: Apache-2.0
package org.plurality.pull;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.plurality.blobs.BlobStore;
import org.plurality.cache.Cache;
import org.plurality.cache.CacheLayout;
import org.plurality.cache.DurableFiles;
import org.plurality.cache.Entry;
import org.plurality.cache.EntryDocument;
import org.plurality.cache.FileDigest;
import org.plurality.cache.Publication;
import org.plurality.cache.RootfsKind;
import org.plurality.display.Progress;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.image.Descriptor;
import org.plurality.image.ImageConfig;
import org.plurality.image.ImageReader;
import org.plurality.image.Manifest;
import org.plurality.image.ManifestResolver;
import org.plurality.image.ResumableReader;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;

/** One image from its place into the cache: fetch, unpack, verify, publish. */
final class PullPipeline {
    private final Cache cache;
    private final ImageReader source;
    private final RootfsSink.Factory rootfs;
    private final ShutdownHandler interruption;
    private final Clock clock;
    private final BlobStore blobs;
    private final boolean keepsBlobs;
    private final int parallel;
    private final Progress progress;
    private boolean replaces;

    PullPipeline(
            Cache cache,
            ImageReader source,
            RootfsSink.Factory rootfs,
            ShutdownHandler interruption,
            Clock clock,
            boolean keepsBlobs,
            int parallel,
            Progress progress) {
        this.cache = cache;
        this.source = source;
        this.rootfs = rootfs;
        this.interruption = interruption;
        this.clock = clock;
        this.blobs = new BlobStore(cache.layout());
        this.keepsBlobs = keepsBlobs;
        this.parallel = parallel;
        this.progress = progress;
    }

    /** The image takes the place of one of the same digest. */
    PullPipeline replacing() {
        replaces = true;
        return this;
    }

    /** @param names under which it will be found */
    Entry run(PullRequest request, List<ImageReference> names, ManifestResolver.Resolution resolution)
            throws PluralityException {
        Manifest.Image image = image(resolution);
        byte[] configBytes = source.config(image.config());
        ImageConfig config = config(request, resolution, image, configBytes);
        try {
            Entry entry = publish(request, names, image, configBytes, config);
            removeBlobs(image, !keepsBlobs);
            return entry;
        } catch (PluralityException e) {
            // For another attempt they are worth their room, but not where there is none. An interrupt closes files,
            // and passes for an error of the disk.
            boolean another =
                    interruption.isAsked() || e.kind() == FailureKind.INTERRUPTED || e.kind() == FailureKind.NETWORK;
            removeBlobs(image, !another && (e.kind() == FailureKind.STORAGE || !keepsBlobs));
            throw e;
        }
    }

    private void removeBlobs(Manifest.Image image, boolean indeed) {
        if (indeed && source instanceof ResumableReader) {
            image.layers().forEach(layer -> blobs.remove(layer.digest()));
        }
    }

    private Entry publish(
            PullRequest request,
            List<ImageReference> names,
            Manifest.Image image,
            byte[] configBytes,
            ImageConfig config)
            throws PluralityException {
        try (Publication publication = cache.begin(interruption::isAsked)) {
            CacheLayout layout = cache.layout();
            Path directory = publication.directory();
            write(layout.manifest(directory), image.bytes());
            write(layout.config(directory), configBytes);
            RootfsSink.Contents contents;
            RootfsSink.Place place = new RootfsSink.Place(
                    request.kind(),
                    layout.rootfs(directory, request.kind()),
                    layout.fileList(directory),
                    publication.scratch(),
                    layout);
            try (RootfsSink sink = rootfs.create(place)) {
                contents = unpack(image, config, publication, sink);
            }
            contents.notes().forEach(progress::phase);
            EntryDocument document = document(request, names, image, config, contents, publication);
            return replaces ? publication.replace(document) : publication.publish(document);
        }
    }

    private Manifest.Image image(ManifestResolver.Resolution resolution) throws PluralityException {
        if (resolution.image().isPresent()) {
            return resolution.image().get();
        }
        if (source.manifest(resolution.digest()) instanceof Manifest.Image image) {
            return image;
        }
        throw integrity("the index says that " + resolution.digest() + " is an image, but it is an index");
    }

    private ImageConfig config(
            PullRequest request, ManifestResolver.Resolution resolution, Manifest.Image image, byte[] bytes)
            throws PluralityException {
        ImageConfig config;
        try {
            config = ImageConfig.parseRunnable(bytes);
        } catch (IOException e) {
            throw integrity("its configuration is not understood: " + e.getMessage());
        }
        if (config.diffIds().size() != image.layers().size()) {
            throw integrity("its manifest has " + image.layers().size() + " layers, its configuration "
                    + config.diffIds().size());
        }
        // Where an index chose the image, its word counts: configurations of cross-built images are often wrong.
        if (!resolution.byPlatform() && isForAnother(config, request.platform())) {
            throw new PluralityException(
                    FailureKind.NOT_FOUND,
                    "cannot find an image for " + request.platform() + " in " + source + ": it is for " + config.os()
                            + "/" + config.architecture(),
                    "stage it in with --platform " + config.os() + "/" + config.architecture() + " if that is meant");
        }
        return config;
    }

    private static boolean isForAnother(ImageConfig config, Platform platform) {
        return (!config.architecture().isEmpty() && !config.architecture().equals(platform.architecture()))
                || (!config.os().isEmpty() && !config.os().equals(platform.os()));
    }

    private RootfsSink.Contents unpack(
            Manifest.Image image, ImageConfig config, Publication publication, RootfsSink sink)
            throws PluralityException {
        List<Descriptor> layers = image.layers();
        progress.begin(layers.stream().map(Descriptor::bytes).toList());
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, layers.size()).boxed().toList());
        if (sink.takesHighestFirst()) {
            Collections.reverse(order);
        }
        if (source instanceof ResumableReader) {
            blobs.prepare();
        }
        try (LayerFetches fetches =
                        LayerFetches.start(source, layers, order, publication.scratch(), blobs, parallel, progress);
                ShutdownHandler.Section _ = interruption.begin(() -> {
                    fetches.cancel();
                    sink.cancel();
                })) {
            for (int i : order) {
                Digest diffId = apply(fetches, layers.get(i), i, sink);
                Digest expected = config.diffIds().get(i);
                if (!diffId.equals(expected)) {
                    throw integrity(
                            "layer " + (i + 1) + " unpacks to " + diffId + ", its configuration says " + expected);
                }
                if (!sink.takesHighestFirst()) {
                    fetches.release(i);
                }
                progress.applied(i);
            }
            progress.phase("writing to disk");
            return finish(fetches, config, sink);
        }
    }

    private static RootfsSink.Contents finish(LayerFetches fetches, ImageConfig config, RootfsSink sink)
            throws PluralityException {
        try {
            return sink.finish(config.workingDirectory(), fetches::open);
        } catch (PluralityException e) {
            throw rootCause(fetches, e);
        } catch (IOException e) {
            throw rootCause(fetches, PluralityException.storage("cannot read a layer again", e));
        }
    }

    private static Digest apply(LayerFetches fetches, Descriptor layer, int index, RootfsSink sink)
            throws PluralityException {
        try (InputStream blob = fetches.open(index)) {
            Digest diffId = sink.apply(blob, layer.mediaType(), index);
            // To the end, which is reached only once the blob is verified.
            blob.transferTo(OutputStream.nullOutputStream());
            return diffId;
        } catch (PluralityException e) {
            throw rootCause(fetches, e);
        } catch (IOException e) {
            throw rootCause(fetches, PluralityException.storage("cannot read layer " + layer.digest(), e));
        }
    }

    /**
     * When fetching failed, unpacking fails with it, and says less; unless unpacking failed first and closed what was
     * fetched into.
     */
    private static PluralityException rootCause(LayerFetches fetches, PluralityException consequence) {
        PluralityException cause = fetches.failure();
        return cause == null || cause.getCause() instanceof ClosedChannelException ? consequence : cause;
    }

    private EntryDocument document(
            PullRequest request,
            List<ImageReference> names,
            Manifest.Image image,
            ImageConfig config,
            RootfsSink.Contents contents,
            Publication publication)
            throws PluralityException {
        List<EntryDocument.Layer> layers = new ArrayList<>();
        for (int i = 0; i < image.layers().size(); i++) {
            Descriptor layer = image.layers().get(i);
            layers.add(new EntryDocument.Layer(layer.digest(), config.diffIds().get(i), layer.bytes()));
        }
        return new EntryDocument(
                image.digest(),
                names.stream().map(ImageReference::toString).toList(),
                request.platform(),
                image.config().digest(),
                layers,
                request.kind(),
                contents.bytes(),
                contents.inodes(),
                publication.nonce(),
                clock.instant(),
                System.getProperty("user.name", "?"),
                sums(publication.directory(), request.kind()));
    }

    /** Against which it is verified. A squashfs is read while it is made durable, which takes longer. */
    private Map<String, Digest> sums(Path directory, RootfsKind kind) throws PluralityException {
        CacheLayout layout = cache.layout();
        Map<String, Digest> sums = new TreeMap<>();
        try {
            Path list = layout.fileList(directory);
            if (Files.exists(list)) {
                sums.put(String.valueOf(list.getFileName()), FileDigest.of(list));
            }
            Path rootfs = layout.rootfs(directory, kind);
            if (kind == RootfsKind.SQUASHFS) {
                FutureTask<Void> durable = new FutureTask<>(() -> {
                    try (FileChannel channel = FileChannel.open(rootfs)) {
                        channel.force(true);
                    }
                    return null;
                });
                Thread.ofPlatform().daemon().name("sync").start(durable);
                sums.put(String.valueOf(rootfs.getFileName()), FileDigest.of(rootfs));
                durable.get();
            }
            return sums;
        } catch (IOException e) {
            throw PluralityException.storage("cannot read " + directory, e);
        } catch (ExecutionException e) {
            throw PluralityException.storage(
                    "cannot write " + directory,
                    e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PluralityException(
                    FailureKind.INTERRUPTED, "cannot wait for the disk: interrupted", "run it again", e);
        }
    }

    private static void write(Path file, byte[] bytes) throws PluralityException {
        try {
            DurableFiles.writeNew(file, bytes);
        } catch (IOException e) {
            throw PluralityException.storage("cannot write " + file, e);
        }
    }

    private PluralityException integrity(String why) {
        return new PluralityException(
                FailureKind.INTEGRITY,
                "cannot stage in " + source + ": " + why,
                "nothing of it was kept; build or push the image anew");
    }
}
