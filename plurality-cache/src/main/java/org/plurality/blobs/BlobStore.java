// SPDX-License-Identifier: Apache-2.0
package org.plurality.blobs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.plurality.cache.CacheLayout;
import org.plurality.cache.CachePermissions;
import org.plurality.cache.DurableFiles;
import org.plurality.cache.ServerClock;
import org.plurality.failure.PluralityException;
import org.plurality.reference.Digest;

/**
 * The blobs of a cache. Any number of processes on any hosts may use it at once. Each partial blob has one writer.
 *
 * <p>A whole blob is stored under its digest. It is replaced, never changed. A partial blob is stored under its digest
 * and a nonce of its writer. If the writer has ended, another process takes the partial blob over by renaming it to a
 * nonce of its own; exactly one of several processes succeeds. Nothing here is synced to disk, and other users may be
 * able to write to the directory, so callers hash every blob that they open.
 */
public final class BlobStore {
    private static final int COPY_BYTES = 1 << 20;

    private final CacheLayout layout;

    public BlobStore(CacheLayout layout) {
        this.layout = layout;
    }

    /**
     * Opens a whole blob for reading.
     *
     * @return empty if there is no readable blob of that size
     */
    public Optional<FileChannel> open(Digest blob, long bytes) {
        Path file = layout.blob(blob);
        try {
            BasicFileAttributes attributes = attributes(file);
            if (!attributes.isRegularFile() || attributes.size() != bytes) {
                return Optional.empty();
            }
            return Optional.of(FileChannel.open(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)));
        } catch (IOException e) {
            // Most layers were never stored here. A blob that cannot be read is fetched again.
            return Optional.empty();
        }
    }

    /** Marks a whole blob as used now, which restarts its age. The age of another user's blob does not change. */
    public void touch(Digest blob) {
        try {
            Instant now = new ServerClock(layout.tmp()).now();
            Files.setLastModifiedTime(layout.blob(blob), FileTime.from(now));
        } catch (IOException e) {
            // The blob then expires earlier.
        }
    }

    /** Removes a whole blob, because its content is wrong or because blobs are not kept. */
    public void remove(Digest blob) {
        removeQuietly(layout.blob(blob));
    }

    /**
     * Creates the directory of partial blobs. Callers that run {@link #begin} in several threads call this first:
     * otherwise one thread could copy the mode of a directory to which another thread has not given its mode yet.
     */
    public void prepare() throws PluralityException {
        try {
            CachePermissions.createDirectories(layout, layout.partialBlobs());
        } catch (IOException e) {
            throw PluralityException.storage("cannot begin a layer in " + layout.partialBlobs(), e);
        }
    }

    /** Begins a blob. If other processes left parts of it, this continues the longest part. */
    public PartialBlob begin(Digest blob, long bytes) throws PluralityException {
        String nonce = UUID.randomUUID().toString();
        Path file = layout.partialBlob(blob, nonce);
        Path owner = layout.partialOwner(file);
        try {
            CachePermissions.createDirectories(layout, layout.partialBlobs());
            // The owner is written before the blob, so a blob without an owner is free.
            PartialOwner.write(owner);
            Path left = longestLeft(blob, bytes, file);
            FileChannel channel = left == null ? create(file) : takeOver(left, file);
            return new PartialBlob(file, owner, channel);
        } catch (IOException e) {
            removeQuietly(owner);
            throw PluralityException.storage("cannot begin a layer in " + layout.partialBlobs(), e);
        }
    }

    /** Gives a whole, verified blob its final name. */
    public void finish(PartialBlob partial, Digest blob) {
        partial.finish(layout, layout.blob(blob));
    }

    private static FileChannel create(Path file) throws IOException {
        FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        CachePermissions.shareFile(file);
        return channel;
    }

    private @Nullable Path longestLeft(Digest blob, long bytes, Path own) throws IOException {
        Path longest = null;
        long most = 0;
        Instant now = null;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(layout.partialBlobs(), blob.hex() + ".*")) {
            for (Path file : files) {
                if (file.toString().endsWith(CacheLayout.OWNER_SUFFIX) || file.equals(own)) {
                    continue;
                }
                try {
                    BasicFileAttributes attributes = attributes(file);
                    now = now == null ? new ServerClock(layout.tmp()).now() : now;
                    Instant changed = attributes.lastModifiedTime().toInstant();
                    if (attributes.isRegularFile()
                            && attributes.size() > most
                            && attributes.size() <= bytes
                            && PartialOwner.isGone(layout.partialOwner(file), changed, now)) {
                        most = attributes.size();
                        longest = file;
                    }
                } catch (NoSuchFileException e) {
                    // Another process took it over or finished it at this moment.
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return longest;
    }

    private FileChannel takeOver(Path left, Path file) throws IOException {
        try {
            DurableFiles.rename(left, file);
        } catch (IOException e) {
            // Another pull took it first, or the directory's sticky bit protects another user's file.
            return create(file);
        }
        removeQuietly(layout.partialOwner(left));
        int links = (Integer) Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS);
        Set<LinkOption> noFollow = Set.of(LinkOption.NOFOLLOW_LINKS);
        if (attributes(file).isRegularFile() && links == 1) {
            try {
                return FileChannel.open(
                        file, Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
            } catch (IOException e) {
                // The file is another user's: it can only be copied.
                return copy(file, noFollow);
            }
        }
        Files.delete(file);
        return create(file);
    }

    /** Replaces another user's file by a copy that this user owns. */
    private static FileChannel copy(Path file, Set<LinkOption> noFollow) throws IOException {
        Set<java.nio.file.OpenOption> options = new java.util.HashSet<>(noFollow);
        options.add(StandardOpenOption.READ);
        try (FileChannel theirs = FileChannel.open(file, options)) {
            Files.delete(file);
            FileChannel ours = create(file);
            ByteBuffer buffer = ByteBuffer.allocate(COPY_BYTES);
            while (theirs.read(buffer.clear()) > 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    ours.write(buffer);
                }
            }
            return ours;
        } catch (IOException e) {
            Files.deleteIfExists(file);
            return create(file);
        }
    }

    private static BasicFileAttributes attributes(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    static void removeQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // The sweep removes it.
        }
    }
}
