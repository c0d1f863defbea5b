package org.plurality.pull;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import org.plurality.failure.PluralityException;
import org.plurality.reference.Digest;

/** Makes a root filesystem of layers. For one thread. */
public interface RootfsSink extends AutoCloseable {
    /**
     * Puts the next layer on top.
     *
     * @param blob as the registry keeps it; need not be read to its end
     * @param mediaType says how it is compressed
     * @param layer its place, the lowest is 0
     * @return the digest of the uncompressed tar
     * @throws IOException what the blob's stream threw
     */
    Digest apply(InputStream blob, String mediaType, int layer) throws PluralityException, IOException;

    /** Makes it fit to be run and durable, and says what it came to. Once, after the last layer. */
    Contents finish(String workingDirectory) throws PluralityException;

    @Override
    void close() throws PluralityException;

    /**
     * @param bytes as the sum of the files' sizes
     * @param notes for people: what of the image was left out, if anything
     */
    record Contents(long bytes, long inodes, List<String> notes) {
        public Contents {
            notes = List.copyOf(notes);
        }
    }

    /** Makes them. */
    @FunctionalInterface
    interface Factory {
        /**
         * @param directory of the root filesystem; does not exist yet
         * @param fileList where to write what {@code verify} will check
         */
        RootfsSink create(Path directory, Path fileList) throws PluralityException;
    }
}
