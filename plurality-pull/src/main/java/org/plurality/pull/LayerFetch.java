// SPDX-License-Identifier: Apache-2.0
package org.plurality.pull;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;
import org.plurality.blobs.BlobStore;
import org.plurality.blobs.PartialBlob;
import org.plurality.display.Progress;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.image.BlobTransfer;
import org.plurality.image.Descriptor;
import org.plurality.image.ImageReader;
import org.plurality.image.ResumableReader;

/**
 * One layer on its way to its file. From a registry: a whole blob of the cache first, else what a killed pull left of one and the rest from
 * the registry. What was in the cache is hashed before anybody reads it, and fetched anew, once, when it proves wrong.
 */
final class LayerFetch {
    private static final int BUFFER_BYTES = 256 << 10;

    private final ImageReader source;
    private final Descriptor layer;
    private final int index;
    private final GrowingFile file;
    private final BlobStore blobs;
    private final Path scratch;
    private final Progress progress;

    /** @param scratch an absent name, for a layer that is not worth to be kept */
    LayerFetch(
            ImageReader source,
            Descriptor layer,
            int index,
            GrowingFile file,
            BlobStore blobs,
            Path scratch,
            Progress progress) {
        this.source = source;
        this.layer = layer;
        this.index = index;
        this.file = file;
        this.blobs = blobs;
        this.scratch = scratch;
        this.progress = progress;
    }

    void run() throws PluralityException {
        if (!(source instanceof ResumableReader registry)) {
            // Where it lies already, nothing is won by a second copy.
            PartialBlob blob = PartialBlob.temporary(scratch);
            file.attach(blob.channel(), false);
            source.layer(layer, (buffer, length) -> arrived(blob, buffer, length));
            file.complete(blob.length());
        } else if (!reuse()) {
            fetch(registry);
        }
    }

    private boolean reuse() throws PluralityException {
        Optional<FileChannel> kept = blobs.open(layer.digest(), layer.bytes());
        if (kept.isEmpty()) {
            return false;
        }
        file.attach(kept.get(), true);
        BlobTransfer transfer = transfer(kept.get());
        if (!transfer.isWhole() || !transfer.digest().equals(layer.digest())) {
            progress.held(index, -transfer.received());
            blobs.remove(layer.digest());
            return false;
        }
        file.complete(layer.bytes());
        blobs.touch(layer.digest());
        return true;
    }

    private void fetch(ResumableReader registry) throws PluralityException {
        try (PartialBlob blob = blobs.begin(layer.digest(), layer.bytes())) {
            try {
                boolean resumes = blob.length() > 0;
                file.attach(blob.channel(), resumes);
                if (resumes) {
                    resume(registry, blob);
                } else {
                    registry.layer(new BlobTransfer(layer, (buffer, length) -> arrived(blob, buffer, length)));
                }
            } catch (PluralityException e) {
                // An interrupt closes the channel that is being written: what has arrived is right, and the next pull
                // goes on from it.
                boolean interrupted = Thread.currentThread().isInterrupted();
                if (e.kind() == FailureKind.INTEGRITY || (e.kind() == FailureKind.STORAGE && !interrupted)) {
                    blob.discard();
                }
                throw e;
            }
            file.complete(layer.bytes());
            blobs.finish(blob, layer.digest());
        }
    }

    private void resume(ResumableReader registry, PartialBlob blob) throws PluralityException {
        BlobTransfer transfer = transfer(blob.channel(), blob);
        long before = transfer.received();
        try {
            registry.layer(transfer);
        } catch (PluralityException e) {
            if (e.kind() != FailureKind.INTEGRITY) {
                throw e;
            }
            // What was left may be to blame.
            progress.held(index, -before);
            progress.fetched(index, (int) (before - transfer.received()));
            blob.restart();
            file.streamAgain();
            registry.layer(new BlobTransfer(layer, (buffer, length) -> arrived(blob, buffer, length)));
        }
    }

    private void arrived(PartialBlob blob, byte[] buffer, int length) throws PluralityException {
        blob.write(buffer, length);
        file.grown(blob.length());
        progress.fetched(index, length);
    }

    private BlobTransfer transfer(FileChannel kept) throws PluralityException {
        BlobTransfer transfer = new BlobTransfer(layer, (_, _) -> {});
        hash(kept, transfer);
        return transfer;
    }

    private BlobTransfer transfer(FileChannel left, PartialBlob blob) throws PluralityException {
        BlobTransfer transfer = new BlobTransfer(layer, (buffer, length) -> arrived(blob, buffer, length));
        hash(left, transfer);
        return transfer;
    }

    private void hash(FileChannel channel, BlobTransfer transfer) throws PluralityException {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            while (!transfer.isWhole()) {
                int wanted = (int) Math.min(buffer.length, layer.bytes() - transfer.received());
                int read = channel.read(ByteBuffer.wrap(buffer, 0, wanted), transfer.received());
                if (read <= 0) {
                    return;
                }
                transfer.known(buffer, read);
                progress.held(index, read);
            }
        } catch (IOException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw new PluralityException(
                        FailureKind.INTERRUPTED,
                        "cannot read layer " + layer.digest() + ": interrupted",
                        "run it again",
                        e);
            }
            throw PluralityException.storage("cannot read layer " + layer.digest(), e);
        }
    }

    @Override
    public String toString() {
        return "layer " + layer.digest();
    }
}
