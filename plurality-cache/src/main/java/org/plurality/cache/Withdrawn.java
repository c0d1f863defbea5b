package org.plurality.cache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.UUID;
import org.plurality.failure.PluralityException;
import org.plurality.json.JsonObject;
import org.plurality.process.ProcessIdentity;
import org.plurality.reference.Digest;

/**
 * An image that lost its final name by one rename into {@code trash/}, with all its files: nobody finds it any more, and who has it open
 * goes on. Its remover now looks at the leases again, then puts it back with {@link #restore} or does away with it with {@link #delete}.
 *
 * <p>A withdrawal whose process died is deleted by {@link StaleFiles}.
 */
public final class Withdrawn {
    private final CacheLayout layout;
    private final Digest digest;
    private final Path scratch;

    private Withdrawn(CacheLayout layout, Digest digest, Path scratch) {
        this.layout = layout;
        this.digest = digest;
        this.scratch = scratch;
    }

    /** Empty when there is no such image. */
    static Optional<Withdrawn> take(CacheLayout layout, Digest digest) throws PluralityException {
        Path scratch = layout.trash().resolve("out-" + UUID.randomUUID());
        Withdrawn withdrawn = new Withdrawn(layout, digest, scratch);
        try {
            if (!Files.exists(layout.image(digest))) {
                return Optional.empty();
            }
            Files.createDirectory(scratch);
            ProcessIdentity owner = ProcessIdentity.current();
            DurableFiles.writeNew(scratch.resolve(StaleFiles.OWNER), JsonObject.write(owner::write));
            Files.move(layout.image(digest), withdrawn.image(), StandardCopyOption.ATOMIC_MOVE);
            return Optional.of(withdrawn);
        } catch (NoSuchFileException e) {
            withdrawn.delete();
            return Optional.empty();
        } catch (IOException e) {
            withdrawn.delete();
            throw PluralityException.storage("cannot remove " + digest + " from " + layout.root(), e);
        }
    }

    /** Gives it its name back, unless somebody has published the image anew. */
    public void restore() throws PluralityException {
        try {
            Files.move(image(), layout.image(digest), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (!Files.exists(layout.entryDocument(layout.image(digest)))) {
                throw PluralityException.storage("cannot put " + digest + " back from " + image(), e);
            }
        }
        delete();
    }

    /** Deletes its files. */
    public void delete() throws PluralityException {
        try {
            DurableFiles.deleteTree(scratch);
        } catch (IOException e) {
            throw PluralityException.storage("cannot delete " + scratch, e);
        }
    }

    private Path image() {
        return scratch.resolve("image");
    }
}
