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
 * An image that is available from several registries. The first registry that has the image serves it; if it fails,
 * the next one continues. A registry that failed is not asked again. An error names the requested image, the failure
 * of the last registry, and the failures of the registries before it. Thread-safe.
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

    /** A request that every registry of the list can serve. */
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

    /** Returns the signatures from the first registry that has any: mirrors often do not copy them. */
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

    /**
     * Tells whether the next registry may succeed. After wrong bytes it cannot, as the receiver already has them; an
     * interrupt ends the requests to all registries.
     */
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

    /** Adds the requested image to the message, because the user may not know the mirror that failed. */
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
