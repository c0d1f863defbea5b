package org.plurality.image;

import org.plurality.failure.PluralityException;
import org.plurality.reference.Digest;

/**
 * The place where an image lies: a repository of a registry, an archive, a layout, a daemon. Everything that comes out of it is verified:
 * bytes that do not have the digest and size they were asked for by are an INTEGRITY failure. For any number of threads.
 */
public interface ImageReader extends AutoCloseable {
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
