// SPDX-License-Identifier: Apache-2.0
package org.plurality.image;

import java.util.List;
import java.util.Optional;
import org.plurality.failure.PluralityException;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;

/**
 * The place where an image lies: a repository of a registry, an archive, a layout, a daemon. Everything that comes out of it is verified:
 * bytes that do not have the digest and size they were asked for by are an INTEGRITY failure. For any number of threads.
 */
public interface ImageReader extends AutoCloseable {
    /** What it is called there, in complete form; nothing where only a path leads to it. May need {@link #manifest()} first. */
    List<ImageReference> names();

    /**
     * The digest of the image's configuration, or of its manifest, where that is known at less cost than {@link #manifest()}'s: what makes a
     * pull of what is there already quick.
     */
    default Optional<Digest> imageId() {
        return Optional.empty();
    }

    /** What the source names: an image, or an index of several. */
    Manifest manifest() throws PluralityException;

    /** A document that an index of this place names. */
    Manifest manifest(Digest digest) throws PluralityException;

    /** The bytes of an image's configuration, bounded. */
    byte[] config(Descriptor config) throws PluralityException;

    /** Sends a layer's bytes, as they are kept there, to the sink; when this returns they were all right. */
    void layer(Descriptor layer, BlobSink sink) throws PluralityException;

    /** Ends what is under way, from any thread: readers fail soon. */
    void cancel();

    /** Gives back files and connections. */
    @Override
    void close();

    /** Its name for errors, as the user wrote it. */
    @Override
    String toString();
}
