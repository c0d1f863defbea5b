// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.plurality.failure.PluralityException;
import org.plurality.json.JsonObject;
import org.plurality.reference.Digest;

/**
 * One image on its way into the cache.
 *
 * <p>The caller fills {@link #directory()} with the root filesystem, {@code manifest.json}, {@code config.json} and the file list, makes
 * them durable, then calls {@link #publish}. That writes {@code entry.json} last and gives the directory its final name by one rename
 * onto an absent name. Before that nothing has a final name; {@link #close} removes what was not published. When another process
 * publishes the same image first, its entry stays and this one is discarded: both succeed.
 *
 * <p>After a kill the directory stays in {@code tmp/} with the identity of its owner, for {@link StaleFiles} to remove.
 */
public final class Publication implements AutoCloseable {
    private static final int ATTEMPTS = 5;

    /** Of the second in which a command ends on Ctrl-C, half is for the JVM and for what is under way. */
    private static final Duration FAREWELL = Duration.ofMillis(400);

    private final CacheLayout layout;
    private final String nonce;
    private final Path scratch;
    private final Path directory;
    private final BooleanSupplier isEnding;
    private boolean isPublished;

    private Publication(CacheLayout layout, String nonce, Path scratch, BooleanSupplier isEnding) {
        this.layout = layout;
        this.nonce = nonce;
        this.scratch = scratch;
        this.directory = scratch.resolve("image");
        this.isEnding = isEnding;
    }

    static Publication begin(CacheLayout layout, BooleanSupplier isEnding) throws PluralityException {
        String nonce = UUID.randomUUID().toString();
        Publication publication = new Publication(layout, nonce, layout.tmp().resolve("pub-" + nonce), isEnding);
        try {
            StaleFiles.createOwned(layout.tmp(), publication.scratch, _ -> {});
            Files.createDirectory(publication.directory);
            CachePermissions.shareDirectory(publication.directory, layout.images());
        } catch (IOException e) {
            publication.discard();
            throw PluralityException.storage("cannot begin an image in " + layout.tmp(), e);
        }
        return publication;
    }

    /** The directory that becomes the entry. */
    public Path directory() {
        return directory;
    }

    /** Where files lie that the entry does not keep, such as a squashfs in the making; gone at {@link #close}. */
    public Path scratch() {
        return scratch;
    }

    /** What tells this publication from another of the same image; goes into the entry's document. */
    public String nonce() {
        return nonce;
    }

    /**
     * Gives the image its final name.
     *
     * @param document with this publication's {@link #nonce()}
     * @return the published entry: this one, or that of another process that was first
     */
    public Entry publish(EntryDocument document) throws PluralityException {
        try {
            Path target = complete(document);
            return takeName(target, document);
        } catch (IOException e) {
            throw PluralityException.storage("cannot publish " + document.digest() + " in " + layout.root(), e);
        }
    }

    /**
     * Gives the image its final name in the place of what has it now, which is set aside as {@link SupersededEntry}: who runs from it goes on. For
     * the moment between two renames the name is absent. After a kill in that moment the old one gets it back.
     *
     * @param document with this publication's {@link #nonce()}
     * @return the published entry: this one, or that of a process that came between
     */
    public Entry replace(EntryDocument document) throws PluralityException {
        try {
            Path target = complete(document);
            Optional<SupersededEntry> old = SupersededEntry.setAside(layout, document.digest());
            try {
                Entry published = takeName(target, document);
                if (old.isPresent()) {
                    old.get().settle();
                }
                return published;
            } catch (IOException e) {
                if (old.isPresent()) {
                    old.get().restore();
                }
                throw e;
            }
        } catch (IOException e) {
            throw PluralityException.storage("cannot publish " + document.digest() + " in " + layout.root(), e);
        }
    }

    /** @return the final name, of which all but the last part is there */
    private Path complete(EntryDocument document) throws IOException {
        Path target = layout.image(document.digest());
        shareFiles();
        DurableFiles.writeNew(layout.entryDocument(directory), document.toJson());
        DurableFiles.syncDirectory(directory);
        CachePermissions.createDirectories(layout, target.resolveSibling(".").normalize());
        // Ahead of the image, so that it is the publisher's: whoever owns it may remove the leases in it.
        CachePermissions.createLeaseDirectory(layout, document.digest());
        return target;
    }

    /**
     * By one rename. Somebody's entry may be there first, and an expiry may take either at any moment: then this one's turn has come, or it
     * has been published all the same. What has the name but no document is nobody's entry, and makes room.
     */
    private Entry takeName(Path target, EntryDocument document) throws IOException {
        for (int attempt = 1; ; attempt++) {
            boolean isOwn = false;
            if (!Files.exists(layout.entryDocument(target))) {
                try {
                    Files.move(directory, target, StandardCopyOption.ATOMIC_MOVE);
                    isOwn = true;
                } catch (IOException e) {
                    // Lost the race, or the reply of a rename that did happen: either way somebody's entry is there, or
                    // was.
                    boolean isGone = !Files.exists(layout.entryDocument(target));
                    if (isGone && (attempt == ATTEMPTS || !Files.exists(directory))) {
                        throw e;
                    }
                    if (isGone) {
                        setOrphanAside(document.digest());
                    }
                }
                DurableFiles.syncDirectory(target.resolveSibling(".").normalize());
            }
            try {
                EntryDocument published =
                        EntryDocument.parse(BoundedFile.read(layout.entryDocument(target), JsonObject.MAX_BYTES));
                isPublished = true;
                // A sweep may have taken an old one away before it saw the image.
                CachePermissions.createLeaseDirectory(layout, document.digest());
                return new Entry(layout, target, published);
            } catch (NoSuchFileException e) {
                if (isOwn) {
                    isPublished = true;
                    return new Entry(layout, target, document);
                }
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /** Who may run from it goes on. One that proves whole gets its name back. */
    private void setOrphanAside(Digest digest) throws IOException {
        Optional<SupersededEntry> orphan = SupersededEntry.setAside(layout, digest);
        if (orphan.isPresent() && orphan.get().isWhole()) {
            orphan.get().restore();
        }
    }

    /**
     * Removes what was not published. Once the image is, what cannot be removed is left to a later sweep. A process that is about to end does
     * not wait long: the removal goes on when it has ended.
     */
    @Override
    public void close() throws PluralityException {
        boolean hurries = isEnding.getAsBoolean();
        try {
            if (hurries) {
                StaleFiles.deleteWithin(scratch, FAREWELL);
            } else {
                StaleFiles.delete(scratch);
            }
        } catch (IOException e) {
            if (!isPublished && !hurries) {
                throw PluralityException.storage("cannot clean up " + scratch, e);
            }
        }
    }

    /** The files beside the root filesystem, which somebody else wrote. */
    private void shareFiles() throws IOException {
        try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
            for (Path child : children) {
                if (Files.isRegularFile(child, LinkOption.NOFOLLOW_LINKS)) {
                    CachePermissions.shareFile(child);
                    try (FileChannel channel = FileChannel.open(child)) {
                        channel.force(true);
                    }
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private void discard() {
        try {
            StaleFiles.delete(scratch);
        } catch (IOException e) {
            // What went wrong before says more.
        }
    }
}
