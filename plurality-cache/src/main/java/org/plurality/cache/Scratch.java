// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.PluralityException;

/**
 * A directory in the cache's {@code tmp/} for one process's temporary files. It is created on first use and removed by
 * {@link #close}. After a kill it stays, with its owner in its name, for {@link StaleFiles} to remove. For one thread.
 */
public final class Scratch implements AutoCloseable {
    private final CacheLayout layout;
    private @Nullable Path made;

    Scratch(CacheLayout layout) {
        this.layout = layout;
    }

    /** Returns the directory, which only its owner can read. */
    public Path directory() throws PluralityException {
        Path directory = made;
        if (directory == null) {
            try {
                directory = OwnerTaggedName.in(layout.tmp(), "scratch");
                Files.createDirectory(
                        directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                made = directory;
            } catch (IOException e) {
                throw PluralityException.storage("cannot make a directory in " + layout.tmp(), e);
            }
        }
        return directory;
    }

    @Override
    public void close() throws PluralityException {
        if (made != null) {
            try {
                DurableFiles.deleteTree(made);
                made = null;
            } catch (IOException e) {
                throw PluralityException.storage("cannot clean up " + made, e);
            }
        }
    }
}
