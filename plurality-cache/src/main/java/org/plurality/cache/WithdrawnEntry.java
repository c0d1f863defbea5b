// SPDX-License-Identifier: Apache-2.0
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.plurality.failure.PluralityException;
import org.plurality.json.JsonObject;
import org.plurality.reference.Digest;

/**
 * An image that lost its final name by one rename into {@code trash/}, with all its files: nobody finds it any more, and who has it open
 * goes on. Its remover now looks at the leases again, then puts it back with {@link #restore} or does away with it with {@link #delete}.
 *
 * <p>Both begin with one rename of the image, so of several processes that decide about one, one wins and the others' word does nothing. A
 * withdrawal whose process died stays undecided until a collector finds it by {@link #abandoned}; only what was to be deleted is swept by
 * {@link StaleFiles}.
 *
 * <p>One that is to be put back after somebody has published the image anew becomes a <em>spare</em>: who had it open before still reads its files.
 * A collector finds it by {@link #spares}, and deletes it when nobody holds the image any more.
 *
 * <p>On a filesystem that has no room for a directory the image itself gets the name in {@code trash/}: all that a full cache can do is rename.
 */
public final class WithdrawnEntry {
    /** Prefix of the names of undecided withdrawals in {@code trash/}. */
    public static final String PREFIX = "out-";

    private static final String SPARE = "spare-";
    private static final String IMAGE = "image";
    private static final String DOOMED = "doomed";
    private static final int ATTEMPTS = 5;

    private final CacheLayout layout;
    private final Digest digest;
    private Path scratch;

    private WithdrawnEntry(CacheLayout layout, Digest digest, Path scratch) {
        this.layout = layout;
        this.digest = digest;
        this.scratch = scratch;
    }

    /** Withdraws an image so that it can be put back; empty if there is no such image. */
    static Optional<WithdrawnEntry> take(CacheLayout layout, Digest digest) throws PluralityException {
        return take(layout, digest, IMAGE);
    }

    /** Withdraws an image that is to be deleted: no process puts it back. Empty if there is no such image. */
    static Optional<WithdrawnEntry> takeDoomed(CacheLayout layout, Digest digest) throws PluralityException {
        return take(layout, digest, DOOMED);
    }

    private static Optional<WithdrawnEntry> take(CacheLayout layout, Digest digest, String name)
            throws PluralityException {
        Path scratch = layout.trash().resolve(PREFIX + UUID.randomUUID());
        WithdrawnEntry withdrawn = new WithdrawnEntry(layout, digest, scratch);
        try {
            if (!Files.exists(layout.image(digest), LinkOption.NOFOLLOW_LINKS)) {
                return Optional.empty();
            }
            try {
                StaleFiles.createOwned(
                        layout.trash(), scratch, json -> json.writeStringField("digest", digest.toString()));
            } catch (IOException e) {
                if (name.equals(DOOMED)) {
                    withdrawn.scratch = OwnerTaggedName.in(layout.trash(), "gone");
                }
                return takeBare(layout, withdrawn, e);
            }
            DurableFiles.rename(layout.image(digest), scratch.resolve(name));
            return Optional.of(withdrawn);
        } catch (IOException e) {
            // If the image has moved in spite of the error, its leases have not been checked.
            boolean _ = isUndecided(scratch) ? withdrawn.restore() : withdrawn.discard();
            if (e instanceof NoSuchFileException) {
                return Optional.empty();
            }
            throw PluralityException.storage(
                    "cannot remove " + digest + " from " + layout.root(),
                    e,
                    "only who staged it in ('ls -ld " + layout.image(digest) + "' says who) and root may remove it");
        }
    }

    /** @param full the reason why no directory could be created for it */
    private static Optional<WithdrawnEntry> takeBare(CacheLayout layout, WithdrawnEntry withdrawn, IOException full)
            throws IOException {
        try {
            // Restarts the image's age now.
            Instant _ = new ServerClock(layout.image(withdrawn.digest)).now();
        } catch (IOException e) {
            // The withdrawal then looks old, and another pass may put it back at once.
        }
        try {
            DurableFiles.rename(layout.image(withdrawn.digest), withdrawn.scratch);
            return Optional.of(withdrawn);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            full.addSuppressed(e);
            throw full;
        }
    }

    /**
     * Returns withdrawals whose process has ended, or that have not changed for {@code silent}, because a live process
     * may have failed to restore them. The caller decides what to do.
     *
     * @param silent longer than collectors wait; if the process still lives, {@link #restore} comes first and does no
     *     harm
     */
    public static List<WithdrawnEntry> abandoned(CacheLayout layout, Duration silent) throws IOException {
        List<WithdrawnEntry> abandoned = new ArrayList<>();
        try (DirectoryStream<Path> left = Files.newDirectoryStream(layout.trash(), PREFIX + "*")) {
            for (Path scratch : left) {
                if (isUndecided(scratch) && StaleFiles.isAbandoned(layout, scratch, silent)) {
                    digestIn(layout, scratch)
                            .ifPresent(digest -> abandoned.add(new WithdrawnEntry(layout, digest, scratch)));
                }
            }
        } catch (NoSuchFileException e) {
            return abandoned;
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return abandoned;
    }

    /** Returns all withdrawals that could not be put back. The caller restores or deletes them. */
    public static List<WithdrawnEntry> spares(CacheLayout layout) throws IOException {
        List<WithdrawnEntry> spares = new ArrayList<>();
        try (DirectoryStream<Path> left = Files.newDirectoryStream(layout.trash(), SPARE + "*")) {
            for (Path scratch : left) {
                digestIn(layout, scratch).ifPresent(digest -> spares.add(new WithdrawnEntry(layout, digest, scratch)));
            }
        } catch (NoSuchFileException e) {
            return spares;
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return spares;
    }

    /**
     * Tells whether a process has withdrawn this image and may put it back. Ask after the image was seen to be absent.
     */
    public static boolean isPending(CacheLayout layout, Digest digest) throws IOException {
        try (DirectoryStream<Path> places = Files.newDirectoryStream(layout.trash())) {
            for (Path place : places) {
                if (isUndecided(place)
                        && digestIn(layout, place).filter(digest::equals).isPresent()) {
                    return true;
                }
            }
        } catch (NoSuchFileException e) {
            return false;
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return false;
    }

    /**
     * Gives an image its name back that was withdrawn and about which nobody has decided, for a process that holds a
     * lease on it. What this user may not rename stays where it is: its remover sees the lease and puts it back.
     *
     * @return whether the image was withdrawn, or set aside by a repair: then it is back, or may come back
     */
    public static boolean takeBack(CacheLayout layout, Digest digest) throws IOException {
        boolean isPending = false;
        try (DirectoryStream<Path> places = Files.newDirectoryStream(layout.trash())) {
            for (Path place : places) {
                if (isUndecided(place)
                        && digestIn(layout, place).filter(digest::equals).isPresent()) {
                    isPending = true;
                    takeBack(layout, digest, place);
                }
            }
        } catch (NoSuchFileException e) {
            return false;
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return isPending;
    }

    private static void takeBack(CacheLayout layout, Digest digest, Path place) {
        String name = String.valueOf(place.getFileName());
        try {
            if (name.startsWith(PREFIX) || name.startsWith(SPARE)) {
                boolean _ = new WithdrawnEntry(layout, digest, place).restore();
            } else {
                SupersededEntry.restoreIfOrphaned(layout, digest);
            }
        } catch (PluralityException | IOException e) {
            // The image is another user's: the caller waits for it.
        }
    }

    public Digest digest() {
        return digest;
    }

    /** Returns the time of the withdrawal, by the filesystem server's clock. */
    public Instant since() throws IOException {
        return FileStat.of(scratch).modified();
    }

    /**
     * Gives the image its name back. If the image has been published again, this withdrawal becomes a spare.
     *
     * @return false if this withdrawal is kept as a spare beside the newly published image
     */
    public boolean restore() throws PluralityException {
        for (int attempt = 1; ; attempt++) {
            try {
                DurableFiles.rename(image(), layout.image(digest));
                break;
            } catch (IOException e) {
                if (!isUndecided(scratch)) {
                    break;
                }
                if (Files.exists(layout.entryDocument(layout.image(digest)))) {
                    keep();
                    return false;
                }
                // The new publication may have been withdrawn between the rename and the check.
                if (attempt == ATTEMPTS) {
                    throw PluralityException.storage("cannot put " + digest + " back from " + image(), e);
                }
            }
        }
        boolean _ = delete();
        return true;
    }

    /** Renames it to spare-…, so that it is deleted only after the leases have been checked. */
    private void keep() throws PluralityException {
        String name = String.valueOf(scratch.getFileName());
        if (name.startsWith(SPARE)) {
            return;
        }
        Path spare = scratch.resolveSibling(SPARE + name.substring(PREFIX.length()));
        try {
            DurableFiles.rename(scratch, spare);
            scratch = spare;
        } catch (NoSuchFileException e) {
            // Another collector was faster.
        } catch (IOException e) {
            throw PluralityException.storage("cannot keep " + scratch, e);
        }
    }

    /** Decides that the image is to be deleted: no process puts it back any more. */
    public void doom() throws PluralityException {
        try {
            if (!isBare(scratch)) {
                DurableFiles.rename(image(), scratch.resolve(DOOMED));
            }
        } catch (NoSuchFileException e) {
            // The image was put back, or is being deleted already.
        } catch (IOException e) {
            throw PluralityException.storage("cannot delete " + scratch, e);
        }
    }

    /**
     * Deletes its files.
     *
     * @return false if an NFS client keeps some of them because a program on this host has them open; {@link StaleFiles}
     *     removes these later
     */
    public boolean delete() throws PluralityException {
        doom();
        try {
            return StaleFiles.delete(scratch);
        } catch (IOException e) {
            throw PluralityException.storage("cannot delete " + scratch, e);
        }
    }

    private boolean discard() throws PluralityException {
        boolean _ = delete();
        return true;
    }

    /** Tells whether the directory holds an image that is not marked for deletion yet. */
    static boolean isUndecided(Path scratch) {
        return Files.exists(scratch.resolve(IMAGE), LinkOption.NOFOLLOW_LINKS) || isBare(scratch);
    }

    private static boolean isBare(Path scratch) {
        String name = String.valueOf(scratch.getFileName());
        return (name.startsWith(PREFIX) || name.startsWith(SPARE))
                && !Files.exists(scratch.resolve(StaleFiles.OWNER), LinkOption.NOFOLLOW_LINKS)
                && Files.exists(scratch.resolve(CacheLayout.ENTRY), LinkOption.NOFOLLOW_LINKS);
    }

    private static Optional<Digest> digestIn(CacheLayout layout, Path scratch) {
        try {
            if (!isBare(scratch)) {
                String digest = JsonObject.parse(BoundedFile.read(scratch.resolve(StaleFiles.OWNER)))
                        .optionalString("digest");
                if (digest != null) {
                    return Optional.of(Digest.parse(digest));
                }
            }
            Path image = isBare(scratch) ? scratch : scratch.resolve(IMAGE);
            byte[] entry = BoundedFile.read(layout.entryDocument(image), JsonObject.MAX_BYTES);
            return Optional.of(EntryDocument.parse(entry).digest());
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private Path image() {
        return isBare(scratch) ? scratch : scratch.resolve(IMAGE);
    }
}
