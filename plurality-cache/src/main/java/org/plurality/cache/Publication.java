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
 * <p>The caller fills {@link #directory()} with the root filesystem, {@code manifest.json}, {@code config.json} and
 * the file list, makes them durable, then calls {@link #publish}. That writes {@code entry.json} last and renames the
 * directory once, to a final name that does not exist yet. Until then nothing has a final name. {@link #close} removes
 * what was not published. If another process publishes the same image first, its entry stays and this one is
 * discarded: both succeed.
 *
 * <p>After a kill the directory stays in {@code tmp/} with the identity of its owner, for {@link StaleFiles} to
 * remove.
 */
public final class Publication implements AutoCloseable {
    private static final int ATTEMPTS = 5;

    /**
     * Longest time that a close waits. Of the second in which a command ends on Ctrl-C, half is needed for the JVM and
     * for running work.
     */
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

    /** Returns the directory that becomes the entry. */
    public Path directory() {
        return directory;
    }

    /**
     * Returns the directory for files that the entry does not keep, such as an unfinished squashfs. {@link #close}
     * removes it.
     */
    public Path scratch() {
        return scratch;
    }

    /**
     * Returns the nonce that tells this publication from another of the same image. It goes into the entry's document.
     */
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
     * Gives the image its final name in place of an existing entry. The existing entry is set aside as {@link
     * SupersededEntry}, so processes that run from it continue. Between two renames the name is absent for a moment.
     * After a kill in that moment the old entry gets the name back.
     *
     * @param document with this publication's {@link #nonce()}
     * @return the published entry: this one, or that of a process that published between the renames
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

    /** @return the final name, whose parent directory exists */
    private Path complete(EntryDocument document) throws IOException {
        Path target = layout.image(document.digest());
        shareFiles();
        DurableFiles.writeNew(layout.entryDocument(directory), document.toJson());
        DurableFiles.syncDirectory(directory);
        CachePermissions.createDirectories(layout, target.resolveSibling(".").normalize());
        // The lease directory is created before the image, so that the publisher owns it: its owner may remove the
        // leases in it.
        CachePermissions.createLeaseDirectory(layout, document.digest());
        return target;
    }

    /**
     * Renames the directory to its final name. Another process may publish first, and an expiry may remove either
     * entry at any time, so this retries. A directory with the final name but without a document is no entry, and is
     * set aside.
     */
    private Entry takeName(Path target, EntryDocument document) throws IOException {
        for (int attempt = 1; ; attempt++) {
            boolean isOwn = false;
            if (!Files.exists(layout.entryDocument(target))) {
                try {
                    Files.move(directory, target, StandardCopyOption.ATOMIC_MOVE);
                    isOwn = true;
                } catch (IOException e) {
                    // Another process was first, or the reply of a successful rename was lost. Either way an entry is
                    // there, or was.
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
                // A sweep may have removed the old lease directory before it saw the image.
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

    /**
     * Sets aside a directory without a document, so processes that run from it continue. If it proves to have a
     * document, it gets its name back.
     */
    private void setOrphanAside(Digest digest) throws IOException {
        Optional<SupersededEntry> orphan = SupersededEntry.setAside(layout, digest);
        if (orphan.isPresent() && orphan.get().isWhole()) {
            orphan.get().restore();
        }
    }

    /**
     * Removes what was not published. Once the image is published, files that cannot be removed are left to a later
     * sweep. A process that is about to end does not wait long: the removal continues after its end.
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

    /** Shares the files beside the root filesystem, which the caller wrote. */
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
            // The earlier failure tells more.
        }
    }
}
