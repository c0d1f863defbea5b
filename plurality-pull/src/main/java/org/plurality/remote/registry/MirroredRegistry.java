// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import java.util.ArrayList;
import java.util.List;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.image.BlobTransfer;
import org.plurality.image.Descriptor;
import org.plurality.image.Manifest;
import org.plurality.image.ResumableReader;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;
import org.plurality.trust.SignatureSource;
import org.plurality.trust.StoredSignature;

/**
 * An image that may be in several places: the first that has it serves it, and the next goes on where one fails. A place that failed is not asked
 * again. An error says which image was wanted, what the last place said, and what those before it did. For any number of threads.
 */
final class MirroredRegistry implements ResumableReader, SignatureSource {
    private final ImageReference reference;
    private final List<Registry> places;
    private final List<String> passedOver = new ArrayList<>();
    private int current;

    /** @param places at least one, in the order in which they are asked */
    MirroredRegistry(ImageReference reference, List<Registry> places) {
        this.reference = reference;
        this.places = List.copyOf(places);
    }

    /** Something that any of the places can do. */
    @FunctionalInterface
    private interface Request<T> {
        T of(Registry place) throws PluralityException;
    }

    @Override
    public List<ImageReference> names() {
        return List.of(reference);
    }

    @Override
    public Manifest manifest() throws PluralityException {
        return ask(Registry::manifest);
    }

    @Override
    public Manifest manifest(Digest digest) throws PluralityException {
        return ask(place -> place.manifest(digest));
    }

    @Override
    public byte[] config(Descriptor config) throws PluralityException {
        return ask(place -> place.config(config));
    }

    @Override
    public void layer(BlobTransfer transfer) throws PluralityException {
        boolean _ = ask(place -> {
            place.layer(transfer);
            return true;
        });
    }

    /** Mirrors often lack them: then those of the next place. */
    @Override
    public List<StoredSignature> signatures(Digest manifest) throws PluralityException {
        for (int i = 0; i < places.size() - 1; i++) {
            try {
                List<StoredSignature> found = places.get(i).signatures(manifest);
                if (!found.isEmpty()) {
                    return found;
                }
            } catch (PluralityException e) {
                if (!isForTheNext(e)) {
                    throw named(e);
                }
            }
        }
        try {
            return places.getLast().signatures(manifest);
        } catch (PluralityException e) {
            throw named(e);
        }
    }

    private <T> T ask(Request<T> request) throws PluralityException {
        while (true) {
            int asked = current();
            try {
                return request.of(places.get(asked));
            } catch (PluralityException e) {
                if (asked == places.size() - 1 || !isForTheNext(e)) {
                    throw named(e);
                }
                leave(asked, e);
            }
        }
    }

    /** Bytes that are wrong went to their receiver already, and an interrupt is for all places. */
    private static boolean isForTheNext(PluralityException e) {
        return e.kind() == FailureKind.NETWORK
                || e.kind() == FailureKind.NOT_FOUND
                || e.kind() == FailureKind.NOT_AUTHORISED;
    }

    private synchronized int current() {
        return current;
    }

    private synchronized void leave(int place, PluralityException why) {
        if (place == current) {
            current++;
            passedOver.add(String.valueOf(why.getMessage()));
        }
    }

    /** What went wrong with a place that the user may never have heard of. */
    private synchronized PluralityException named(PluralityException e) {
        String before = passedOver.isEmpty() ? "" : "; before that, " + String.join("; ", passedOver);
        return new PluralityException(e.kind(), e.getMessage() + ", for " + reference + before, e.hint(), e);
    }

    @Override
    public void cancel() {
        places.getFirst().cancel();
    }

    @Override
    public void close() {
        places.forEach(Registry::close);
    }

    @Override
    public String toString() {
        return reference.toString();
    }
}
