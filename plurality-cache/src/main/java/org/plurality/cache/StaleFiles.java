// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.plurality.json.JsonObject;
import org.plurality.process.ProcessIdentity;

/**
 * Removes what killed processes left in {@code tmp/} and {@code trash/}, but for withdrawn images of which it is not decided yet whether
 * somebody needs them.
 *
 * <p>What its name ({@link OwnerTaggedName}) or its document says the owner of goes when that is known to have ended on this host, or
 * once its top has not changed for {@link #ABANDONED}: its owner ran elsewhere, or could not take it away. Other files go by age alone. Several sweeps at once are harmless. Cost: one directory read, and
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
                    // In this order: an image may be on its way into a directory that lives.
                    boolean abandoned = isAbandoned(layout, leftover);
                    boolean undecided = directory.equals(layout.trash()) && WithdrawnEntry.isUndecided(leftover);
                    if (abandoned && !undecided) {
                        removed += delete(leftover) ? 1 : 0;
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

    /**
     * Makes a directory that at no moment is there without its owner.
     *
     * @param parent in which it is first made under another name
     * @param members of its document besides the owner
     */
    static void createOwned(Path parent, Path directory, JsonObject.Members members) throws IOException {
        Path made = OwnerTaggedName.in(parent, "new");
        ProcessIdentity owner = ProcessIdentity.current();
        try {
            Files.createDirectory(made);
            CachePermissions.shareOwned(made);
            DurableFiles.writeNew(made.resolve(OWNER), JsonObject.write(json -> {
                owner.write(json);
                members.write(json);
            }));
            DurableFiles.rename(made, directory);
        } catch (IOException e) {
            DurableFiles.deleteTree(made);
            throw e;
        }
    }

    /**
     * Deletes a tree under a name of this process's: also what a kill leaves half deleted has an owner.
     *
     * @return false if files are left because a program on this host has them open
     */
    static boolean delete(Path tree) throws IOException {
        Optional<Path> gone = renameToDelete(tree);
        return gone.isEmpty() || DurableFiles.deleteTreeUnlessOpen(gone.get());
    }

    /**
     * The same, for a process that is about to end: a tree of tens of thousands of files takes longer than anybody waits who has pressed Ctrl-C.
     *
     * @param patience after which the rest is left to {@code rm} in a session of its own, and where that is ended too, to a later sweep
     */
    static void deleteWithin(Path tree, Duration patience) throws IOException {
        Optional<Path> gone = renameToDelete(tree);
        if (gone.isEmpty()) {
            return;
        }
        FutureTask<Void> deletion = new FutureTask<>(() -> {
            boolean _ = DurableFiles.deleteTreeUnlessOpen(gone.get());
            return null;
        });
        Thread.ofPlatform().daemon().name("deletion").start(deletion);
        // The one that is about to end has been interrupted, and would not wait.
        boolean wasInterrupted = Thread.interrupted();
        try {
            deletion.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | InterruptedException e) {
            wasInterrupted |= e instanceof InterruptedException;
            new ProcessBuilder("setsid", "rm", "-rf", "--", gone.get().toString())
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** @return its new name, or the old one where that is not to be had; empty where there is nothing */
    private static Optional<Path> renameToDelete(Path tree) throws IOException {
        Path gone = OwnerTaggedName.in(tree.resolveSibling(".").normalize(), "gone");
        try {
            DurableFiles.rename(tree, gone);
            return Optional.of(gone);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(tree);
        }
    }

    static boolean isAbandoned(CacheLayout layout, Path leftover) throws IOException {
        return isAbandoned(layout, leftover, ABANDONED);
    }

    /** @param silent after which one is, of whose process it is not known that it has ended */
    static boolean isAbandoned(CacheLayout layout, Path leftover, Duration silent) throws IOException {
        try {
            Optional<ProcessIdentity> named = OwnerTaggedName.ownerOf(leftover);
            ProcessIdentity owner = named.isPresent()
                    ? named.get()
                    : ProcessIdentity.read(JsonObject.parse(BoundedFile.read(leftover.resolve(OWNER))));
            if (owner.liveness() == ProcessIdentity.Liveness.ENDED) {
                return true;
            }
            // One that lives may have failed to take it away: by age, as where nobody can tell.
        } catch (IOException e) {
            // A file, or its process was killed before it wrote its name: by age, below.
        }
        Instant changed =
                Files.getLastModifiedTime(leftover, LinkOption.NOFOLLOW_LINKS).toInstant();
        Duration age = Duration.between(changed, new ServerClock(layout.tmp()).now());
        return age.compareTo(silent) > 0;
    }
}
