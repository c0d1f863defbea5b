package org.plurality.cache;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.plurality.json.JsonObject;
import org.plurality.process.ProcessIdentity;

/**
 * Removes what killed processes left in {@code tmp/} and {@code trash/}, but for withdrawn images of which it is not decided yet whether
 * somebody needs them.
 *
 * <p>A publication or a withdrawn image goes when its owner is known to have ended on this host, or, when it ran elsewhere, once its top
 * has not changed for {@link #ABANDONED}. Other files go by age alone. Several sweeps at once are harmless. Cost: one directory read, and
 * one small read per left-over. Failures are swallowed: a later sweep tries again.
 */
public final class StaleFiles {
    /** After this long without a change nobody writes there any more; the longest pull known is well below it. */
    static final Duration ABANDONED = Duration.ofHours(24);

    static final String OWNER = "owner.json";

    private final CacheLayout layout;

    public StaleFiles(CacheLayout layout) {
        this.layout = layout;
    }

    /** One sweep; returns how many left-overs were removed. */
    public int sweep() {
        try {
            return sweep(layout.tmp()) + sweep(layout.trash());
        } catch (IOException e) {
            return 0;
        }
    }

    private int sweep(Path directory) throws IOException {
        int removed = 0;
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(directory)) {
            for (Path leftover : leftovers) {
                try {
                    boolean undecided = directory.equals(layout.trash()) && Withdrawn.isUndecided(leftover);
                    if (!undecided && isAbandoned(layout, leftover)) {
                        DurableFiles.deleteTree(leftover);
                        removed++;
                    }
                } catch (IOException e) {
                    // Somebody else's, or being removed at this moment.
                }
            }
        } catch (NoSuchFileException e) {
            return 0;
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return removed;
    }

    static boolean isAbandoned(CacheLayout layout, Path leftover) throws IOException {
        try {
            ProcessIdentity owner = ProcessIdentity.read(JsonObject.parse(Files.readAllBytes(leftover.resolve(OWNER))));
            switch (owner.liveness()) {
                case ALIVE -> {
                    return false;
                }
                case ENDED -> {
                    return true;
                }
                case UNKNOWN -> {
                    // By age, below.
                }
            }
        } catch (IOException e) {
            // A file, or its process was killed before it wrote its name: by age, below.
        }
        Instant changed =
                Files.getLastModifiedTime(leftover, LinkOption.NOFOLLOW_LINKS).toInstant();
        Duration age = Duration.between(changed, new ServerClock(layout.tmp()).now());
        return age.compareTo(ABANDONED) > 0;
    }
}
