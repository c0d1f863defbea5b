// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.json.JsonObject;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;

/**
 * A cache of published images on a filesystem that users and nodes share.
 *
 * <p>Any number of processes on any number of hosts may use one at once. Reading takes no lock and writes nothing. An entry that is
 * found is complete. Look-ups cost one open and read of a small file each.
 */
public final class Cache {
    private static final int MAX_LINKS = 40;

    private static final int ATTEMPTS = 5;

    private final CacheLayout layout;

    private Cache(CacheLayout layout) {
        this.layout = layout;
    }

    /**
     * Opens a cache that exists.
     *
     * @return empty when there is none at that path
     * @throws PluralityException (STORAGE) when it is of another format, cannot be read, or is not to be trusted ({@link CacheAccess})
     */
    public static Optional<Cache> open(Path root) throws PluralityException {
        CacheLayout layout = new CacheLayout(root.toAbsolutePath());
        byte[] marker;
        try {
            marker = read(layout.marker(), layout.marker(), BoundedFile.MOST_BYTES);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return Optional.empty();
        } catch (AccessDeniedException e) {
            throw new PluralityException(
                    FailureKind.STORAGE,
                    "cannot open the cache " + root + ": Permission denied",
                    "it is for its owner alone, who opens it to others with 'plurality-stagein init --site --cache "
                            + root + "'; or choose another with --cache or PLURALITY_CACHE",
                    e);
        } catch (IOException e) {
            throw PluralityException.storage("cannot open the cache " + root, e);
        }
        try {
            long format = JsonObject.parse(marker).number("format");
            if (format != EntryDocument.FORMAT) {
                throw new PluralityException(
                        FailureKind.STORAGE,
                        "cannot open the cache " + root + ": its format is " + format + ", this version reads "
                                + EntryDocument.FORMAT,
                        "use the version of Plurality that made it, or another cache with --cache or PLURALITY_CACHE");
            }
        } catch (IOException e) {
            throw new PluralityException(
                    FailureKind.STORAGE,
                    "cannot open the cache " + root + ": plurality-cache.json is damaged (" + e.getMessage() + ")",
                    "restore the line {\"format\":1} in " + layout.marker(),
                    e);
        }
        CacheAccess.checkForReading(layout);
        return Optional.of(new Cache(layout));
    }

    /**
     * Opens a cache, making it first where there is none: for this user alone, where its directory lacks. Processes that make it at once all succeed.
     *
     * @throws PluralityException (STORAGE) when it cannot be made or is of another format
     */
    public static Cache openOrCreate(Path root) throws PluralityException {
        Optional<Cache> existing = open(root);
        if (existing.isPresent()) {
            CacheAccess.checkForWriting(existing.get().layout());
            return existing.get();
        }
        CacheLayout layout = new CacheLayout(root.toAbsolutePath());
        try {
            makeRoot(layout.root(), 0);
            for (Path directory : List.of(
                    layout.images(),
                    layout.refs(),
                    layout.leases(),
                    layout.pins(),
                    layout.blobs(),
                    layout.tmp(),
                    layout.trash(),
                    layout.locks(),
                    layout.log())) {
                CachePermissions.createDirectories(layout, directory);
            }
            byte[] marker = JsonObject.write(json -> json.writeNumberField("format", EntryDocument.FORMAT));
            DurableFiles.replace(layout.marker(), marker, OwnerTaggedName.in(layout.tmp(), "marker"));
        } catch (IOException e) {
            throw PluralityException.storage("cannot make a cache in " + root, e);
        }
        CacheAccess.checkForWriting(layout);
        return new Cache(layout);
    }

    /** For its owner alone: images of registries that ask who one is are nobody else's business. {@link SharedCache} opens one. */
    private static void makeRoot(Path root, int depth) throws IOException {
        Path parent = root.getParent();
        if (parent != null && Files.isSymbolicLink(root) && !Files.exists(root)) {
            // The user keeps the cache elsewhere: where the link leads.
            Path target = root.resolveSibling(Files.readSymbolicLink(root));
            if (depth >= MAX_LINKS) {
                throw new IOException("too many symbolic links");
            }
            makeRoot(target, depth + 1);
            return;
        }
        if (parent != null && !FreshLook.isDirectory(root)) {
            Files.createDirectories(parent);
            try {
                Files.createDirectory(
                        root, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } catch (FileAlreadyExistsException e) {
                // Another process makes it at the same time.
            }
        }
    }

    public CacheLayout layout() {
        return layout;
    }

    /**
     * The published image of that digest.
     *
     * @throws PluralityException (STORAGE) when its document cannot be read
     */
    public Optional<Entry> find(Digest manifest) throws PluralityException {
        Path directory = layout.image(manifest);
        try {
            EntryDocument document =
                    EntryDocument.parse(read(layout.entryDocument(directory), layout.root(), JsonObject.MAX_BYTES));
            if (!document.digest().equals(manifest)) {
                throw new IOException("it is of " + document.digest());
            }
            return Optional.of(new Entry(layout, directory, document));
        } catch (NoSuchFileException | NotDirectoryException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new PluralityException(
                    FailureKind.STORAGE,
                    "cannot read " + layout.entryDocument(directory) + ": " + PluralityException.reasonOf(e),
                    "remove the image with 'plurality-stagein rm " + manifest + "' and pull it again",
                    e);
        }
    }

    /** Whether there is something under that image's name, damaged or not. If it seems to be absent, the server is asked. */
    public boolean isPresent(Digest manifest) {
        Path directory = layout.image(manifest);
        if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return true;
        }
        FreshLook.above(directory, layout.root());
        return Files.exists(directory, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Reads a document. If it seems to be absent, the server is asked: another host may have made it since this one
     * last looked.
     */
    private static byte[] read(Path file, Path top, int mostBytes) throws IOException {
        try {
            return BoundedFile.read(file, mostBytes);
        } catch (NoSuchFileException | NotDirectoryException e) {
            FreshLook.above(file, top);
            return BoundedFile.read(file, mostBytes);
        }
    }

    /** What a reference stood for on that platform when it was last resolved into this cache. */
    public Optional<ReferenceDocument> resolve(ImageReference reference, Platform platform) throws PluralityException {
        Path file = layout.reference(reference, platform);
        try {
            return Optional.of(ReferenceDocument.parse(read(file, layout.root(), BoundedFile.MOST_BYTES)));
        } catch (NoSuchFileException | NotDirectoryException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new PluralityException(
                    FailureKind.STORAGE,
                    "cannot read " + file + ": " + PluralityException.reasonOf(e),
                    "pull the image again: 'plurality-stagein pull " + reference + "'",
                    e);
        }
    }

    /** Records what a reference stands for; readers see the old file or the new one. */
    public void record(ImageReference reference, Platform platform, Digest manifest, Instant resolvedAt)
            throws PluralityException {
        Path file = layout.reference(reference, platform);
        for (int attempt = 1; ; attempt++) {
            try {
                CachePermissions.createDirectories(
                        layout, file.resolveSibling(".").normalize());
                byte[] document = new ReferenceDocument(reference, platform, manifest, resolvedAt).toJson();
                DurableFiles.replace(file, document, OwnerTaggedName.in(layout.tmp(), "ref"));
                return;
            } catch (IOException e) {
                // A sweep takes empty directories away.
                if (!(e instanceof NoSuchFileException) || attempt == ATTEMPTS) {
                    throw PluralityException.storage("cannot record " + reference + " in " + layout.root(), e);
                }
            }
        }
    }

    /** The digests of all published images, in order, by their directories' names. Costs one directory read per shard. */
    public List<Digest> digests() throws PluralityException {
        List<Digest> digests = new ArrayList<>();
        try {
            for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
                for (Path shard : children(layout.images().resolve(algorithm.label()))) {
                    for (Path directory : children(shard)) {
                        digest(algorithm, directory).ifPresent(digests::add);
                    }
                }
            }
        } catch (IOException e) {
            throw PluralityException.storage("cannot list the cache " + layout.root(), e);
        }
        digests.sort(Comparator.naturalOrder());
        return digests;
    }

    /**
     * All published images, by digest. Costs one file read for each more than {@link #digests}.
     *
     * @throws PluralityException (STORAGE) when one cannot be read, too
     */
    public List<Entry> entries() throws PluralityException {
        return ParallelReads.of(digests(), this::find).stream()
                .flatMap(Optional::stream)
                .toList();
    }

    /** All recorded references, by name. Files that are not one are passed over. */
    public List<ReferenceDocument> references() throws PluralityException {
        // Keys are made once, not at each comparison; a name can be there for several platforms.
        TreeMap<String, ReferenceDocument> references = new TreeMap<>();
        for (RecordedReference recorded : recordedReferences()) {
            ReferenceDocument document = recorded.document();
            references.put(document.reference() + " " + document.platform() + " " + recorded.file(), document);
        }
        return List.copyOf(references.values());
    }

    /** All recorded references with their files, in no order. Costs a walk of {@code refs/} and one file read for each. */
    public List<RecordedReference> recordedReferences() throws PluralityException {
        List<RecordedReference> references = new ArrayList<>();
        List<Path> level = List.of(layout.refs());
        while (!level.isEmpty()) {
            List<Path> below = new ArrayList<>();
            for (BelowReferences found : ParallelReads.of(level, this::belowReferences)) {
                below.addAll(found.children());
                found.reference().ifPresent(references::add);
            }
            level = below;
        }
        return references;
    }

    /** What a name below {@code refs/} is: a directory with others, a recorded reference, or nothing that counts. */
    private record BelowReferences(List<Path> children, Optional<RecordedReference> reference) {
        static final BelowReferences NOTHING = new BelowReferences(List.of(), Optional.empty());
    }

    private BelowReferences belowReferences(Path path) throws PluralityException {
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (attributes.isDirectory()) {
                return new BelowReferences(children(path), Optional.empty());
            }
            return new BelowReferences(List.of(), recordedReference(path, attributes));
        } catch (NoSuchFileException e) {
            return BelowReferences.NOTHING;
        } catch (IOException e) {
            throw PluralityException.storage("cannot list the references in " + layout.root(), e);
        }
    }

    private static Optional<RecordedReference> recordedReference(Path file, BasicFileAttributes attributes) {
        try {
            return Optional.of(new RecordedReference(
                    ReferenceDocument.parse(BoundedFile.read(file, attributes, BoundedFile.MOST_BYTES)),
                    file,
                    attributes.lastModifiedTime().toInstant()));
        } catch (IOException e) {
            // Replaced or removed at this moment, or not ours: it names no image.
            return Optional.empty();
        }
    }

    /** Begins a publication: a private directory in {@code tmp/}. */
    public Publication begin() throws PluralityException {
        return begin(() -> false);
    }

    /** @param isEnding whether the process is about to end, when the publication is closed: it does not wait long for what it removes */
    public Publication begin(BooleanSupplier isEnding) throws PluralityException {
        return Publication.begin(layout, isEnding);
    }

    /** A directory for passing needs, which costs nothing before it is used. */
    public Scratch scratch() {
        return new Scratch(layout);
    }

    /**
     * Takes an image's final name away, by one rename. Its references stay until {@link #forget}, so that it can be put back.
     *
     * @return empty when there is none
     */
    public Optional<WithdrawnEntry> withdraw(Digest manifest) throws PluralityException {
        return WithdrawnEntry.take(layout, manifest);
    }

    /**
     * Takes an image's final name away, by one rename, so that no process can put it back: a launch that meets the image
     * on its way out does not find it.
     *
     * @return empty if there is no such image; otherwise its files are still to be deleted
     */
    public Optional<WithdrawnEntry> unpublish(Digest manifest) throws PluralityException {
        return WithdrawnEntry.takeDoomed(layout, manifest);
    }

    /** Removes one name of an image. */
    public void forget(ImageReference reference, Platform platform) throws PluralityException {
        try {
            Files.deleteIfExists(layout.reference(reference, platform));
        } catch (IOException e) {
            throw PluralityException.storage("cannot remove the name " + reference + " from " + layout.root(), e);
        }
    }

    /** Removes the references that stand for an image. */
    public void forget(Digest manifest) throws PluralityException {
        try {
            for (ReferenceDocument reference : references()) {
                if (reference.digest().equals(manifest)) {
                    Files.deleteIfExists(layout.reference(reference.reference(), reference.platform()));
                }
            }
        } catch (IOException e) {
            throw PluralityException.storage("cannot remove the names of " + manifest + " from " + layout.root(), e);
        }
    }

    /**
     * Takes an image out of the cache: its final name, then its references, then its files. Whether it is leased is the caller's to ask.
     *
     * @return whether there was one
     */
    public boolean remove(Digest manifest) throws PluralityException {
        Optional<WithdrawnEntry> withdrawn = unpublish(manifest);
        forget(manifest);
        if (withdrawn.isPresent()) {
            boolean _ = withdrawn.get().delete();
        }
        return withdrawn.isPresent();
    }

    private static Optional<Digest> digest(Digest.Algorithm algorithm, Path directory) {
        try {
            return Optional.of(new Digest(algorithm, String.valueOf(directory.getFileName())));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static List<Path> children(Path directory) throws IOException {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(children::add);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return children;
    }
}
