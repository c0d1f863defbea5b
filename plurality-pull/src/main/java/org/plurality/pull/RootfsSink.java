// SPDX-License-Identifier: Apache-2.0
package org.plurality.pull;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import org.plurality.cache.CacheLayout;
import org.plurality.cache.RootfsKind;
import org.plurality.failure.PluralityException;
import org.plurality.reference.Digest;

/** Makes a root filesystem of layers. For one thread. */
public interface RootfsSink extends AutoCloseable {
    /** Whether the highest layer comes first, and blobs must stay until {@link #finish}, which may read them again. */
    default boolean takesHighestFirst() {
        return false;
    }

    /**
     * Takes the next layer.
     *
     * @param blob as the registry keeps it; need not be read to its end
     * @param mediaType says how it is compressed
     * @param layer its place, the lowest is 0
     * @return the digest of the uncompressed tar
     * @throws IOException what the blob's stream threw
     */
    Digest apply(InputStream blob, String mediaType, int layer) throws PluralityException, IOException;

    /**
     * Makes it fit to be run and durable, and says what it came to. Once, after the last layer.
     *
     * @param workingDirectory the image's, made where it lacks
     * @param blobs the layers once more, for a sink that takes the highest first
     * @throws IOException what a blob's stream threw
     */
    Contents finish(String workingDirectory, Blobs blobs) throws PluralityException, IOException;

    /** From any thread: what is under way fails soon, also where it waits for another process. */
    default void cancel() {}

    @Override
    void close() throws PluralityException;

    /** Opens a layer's blob from its first byte. */
    @FunctionalInterface
    interface Blobs {
        InputStream open(int layer);
    }

    /**
     * @param bytes as the sum of the files' sizes
     * @param notes for people: what of the image was left out, if anything
     */
    record Contents(long bytes, long inodes, List<String> notes) {
        public Contents {
            notes = List.copyOf(notes);
        }
    }

    /**
     * Where one is made; nothing of it exists yet.
     *
     * @param rootfs the directory or file that it becomes, in the directory that becomes the entry
     * @param fileList where to write what {@code verify} will check
     * @param scratch a directory for files of a moment
     * @param layout of the cache, where files that several images share are
     */
    record Place(RootfsKind kind, Path rootfs, Path fileList, Path scratch, CacheLayout layout) {}

    /** Makes them. */
    @FunctionalInterface
    interface Factory {
        RootfsSink create(Place place) throws PluralityException;
    }
}
