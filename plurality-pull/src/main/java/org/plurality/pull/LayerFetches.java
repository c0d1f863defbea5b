// SPDX-License-Identifier: Apache-2.0
package org.plurality.pull;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.plurality.blobs.BlobStore;
import org.plurality.display.Progress;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.image.Descriptor;
import org.plurality.image.ImageReader;

/**
 * The layers of one image on their way to files, several at once. The first failure ends every reader; the transfers end
 * with {@link #close}.
 */
final class LayerFetches implements AutoCloseable {
    private static final long GOODBYE_MILLIS = 300;

    private final List<GrowingFile> files = new ArrayList<>();
    private final AtomicReference<@Nullable PluralityException> failure = new AtomicReference<>();
    private final ExecutorService workers;

    /**
     * @param order in which they are wanted
     * @param scratch directory for what is not worth to be kept
     * @param blobs where layers of registries lie
     */
    static LayerFetches start(
            ImageReader source,
            List<Descriptor> layers,
            List<Integer> order,
            Path scratch,
            BlobStore blobs,
            int parallel,
            Progress progress) {
        LayerFetches fetches = new LayerFetches(Math.clamp(layers.size(), 1, parallel));
        for (int i = 0; i < layers.size(); i++) {
            fetches.files.add(new GrowingFile());
        }
        for (int i : order) {
            Path file = scratch.resolve("layer-" + i);
            LayerFetch fetch = new LayerFetch(source, layers.get(i), i, fetches.files.get(i), blobs, file, progress);
            fetches.workers.execute(() -> fetches.run(fetch));
        }
        return fetches;
    }

    private LayerFetches(int threads) {
        workers = Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().daemon().name("fetch-", 0).factory());
    }

    /** The blob of a layer, while it arrives. */
    InputStream open(int layer) {
        return files.get(layer).open();
    }

    /** A layer's file is no longer needed. */
    void release(int layer) {
        files.get(layer).close();
    }

    /** What ended the fetches, if anything did. */
    @Nullable
    PluralityException failure() {
        return failure.get();
    }

    /** Ends them from any thread: readers fail at once. */
    void cancel() {
        fail(new PluralityException(FailureKind.INTERRUPTED, "cannot finish: interrupted", "run it again"));
        workers.shutdownNow();
    }

    @Override
    public void close() {
        workers.shutdownNow();
        try {
            // So that what they leave for the next pull is free at once.
            boolean _ = workers.awaitTermination(GOODBYE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        files.forEach(GrowingFile::close);
    }

    private void run(LayerFetch fetch) {
        if (failure.get() != null) {
            return;
        }
        try {
            fetch.run();
        } catch (PluralityException e) {
            fail(e);
        } catch (RuntimeException | Error e) {
            // Else the reader would wait for ever, also when memory ran out here.
            fail(new PluralityException(FailureKind.OTHER, "cannot fetch " + fetch + ": " + e, "report this", e));
        }
    }

    private void fail(PluralityException reason) {
        failure.compareAndSet(null, reason);
        for (GrowingFile file : files) {
            file.fail(reason);
        }
    }
}
