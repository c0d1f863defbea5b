package org.plurality.cache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;
import org.plurality.failure.PluralityException;
import org.plurality.json.JsonObject;
import org.plurality.process.ProcessIdentity;

/**
 * A directory in the cache's {@code tmp/} for one process's passing needs, made when first asked for and removed by {@link #close}. After a
 * kill it stays with the identity of its owner, for {@link StaleFiles} to remove. For one thread.
 */
public final class Scratch implements AutoCloseable {
    private final Path path;
    private boolean made;

    Scratch(CacheLayout layout) {
        path = layout.tmp().resolve("scratch-" + UUID.randomUUID());
    }

    /** The directory, for its owner's eyes only. */
    public Path directory() throws PluralityException {
        if (!made) {
            try {
                Files.createDirectory(
                        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                made = true;
                ProcessIdentity owner = ProcessIdentity.current();
                DurableFiles.writeNew(path.resolve(StaleFiles.OWNER), JsonObject.write(owner::write));
            } catch (IOException e) {
                throw PluralityException.storage("cannot make " + path, e);
            }
        }
        return path;
    }

    @Override
    public void close() throws PluralityException {
        if (made) {
            try {
                DurableFiles.deleteTree(path);
                made = false;
            } catch (IOException e) {
                throw PluralityException.storage("cannot clean up " + path, e);
            }
        }
    }
}
