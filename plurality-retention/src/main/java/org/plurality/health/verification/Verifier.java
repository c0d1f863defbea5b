// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.verification;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.plurality.cache.Cache;
import org.plurality.cache.CacheLayout;
import org.plurality.cache.Entry;
import org.plurality.cache.EntryDocument;
import org.plurality.cache.FileDigest;
import org.plurality.cache.RootfsKind;
import org.plurality.failure.PluralityException;
import org.plurality.image.Descriptor;
import org.plurality.image.ImageConfig;
import org.plurality.image.ManifestParser;
import org.plurality.local.squashfs.SquashTree;
import org.plurality.local.tree.DirectoryTree;
import org.plurality.local.tree.FileTree;
import org.plurality.reference.Digest;
import org.plurality.unpack.layer.LayerFormatException;
import org.plurality.unpack.layer.UnpackLimits;
import org.plurality.unpack.rootfs.FileListReader;

/**
 * Verifies published images. A quick verification checks that all names exist with their kind, size and mode, and that
 * manifest, configuration and file list have their digests; a file whose time changed is read. A deep one reads every
 * byte. For a squashfs with a digest in its document, that is one pass over the file; if the digest differs, the tree
 * in it is walked to find the damaged files.
 *
 * <p>Memory does not depend on the number of files. An image that is removed during its verification is not damaged.
 */
public final class Verifier {
    private static final UnpackLimits ALL = new UnpackLimits(
            Long.MAX_VALUE,
            Long.MAX_VALUE,
            UnpackLimits.LONGEST_PATH,
            UnpackLimits.DEEPEST,
            UnpackLimits.LONGEST_HEADER,
            Long.MAX_VALUE,
            0);

    private final Cache cache;
    private final LongConsumer progress;

    /** @param progress receives the number of bytes after each read from a file */
    public Verifier(Cache cache, LongConsumer progress) {
        this.cache = cache;
        this.progress = progress;
    }

    /**
     * @return empty if there is no such image, or it was removed during the verification
     * @throws PluralityException (STORAGE) if this user may not read it
     */
    public Optional<Verified> verify(Digest digest, boolean deep) throws PluralityException {
        Path directory = cache.layout().image(digest);
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        Findings findings = new Findings();
        Optional<Entry> entry = entry(digest, findings);
        long[] read = new long[1];
        long files = 0;
        if (entry.isPresent()) {
            documents(entry.get(), findings);
            files = rootfs(entry.get(), deep, findings, part -> {
                read[0] += part;
                progress.accept(part);
            });
        }
        if (findings.all() > 0 && isGone(digest, entry)) {
            return Optional.empty();
        }
        return Optional.of(new Verified(
                digest, entry.map(Entry::document), deep, read[0], files, findings.damage(), findings.all()));
    }

    private Optional<Entry> entry(Digest digest, Findings findings) throws PluralityException {
        CacheLayout layout = cache.layout();
        Path document = layout.entryDocument(layout.image(digest));
        String name = String.valueOf(document.getFileName());
        try {
            Optional<Entry> entry = cache.find(digest);
            if (entry.isEmpty()) {
                findings.add(name, "it is missing");
            }
            return entry;
        } catch (PluralityException e) {
            if (!Files.isReadable(document)) {
                throw e;
            }
            findings.add(
                    name,
                    e.getCause() == null
                            ? e.getMessage()
                            : String.valueOf(e.getCause().getMessage()));
            return Optional.empty();
        }
    }

    private boolean isGone(Digest digest, Optional<Entry> looked) {
        try {
            Optional<Entry> now = cache.find(digest);
            return now.isEmpty()
                    ? looked.isPresent() && !Files.exists(cache.layout().image(digest), LinkOption.NOFOLLOW_LINKS)
                    : looked.isPresent()
                            && !now.get()
                                    .document()
                                    .publication()
                                    .equals(looked.get().document().publication());
        } catch (PluralityException e) {
            return false;
        }
    }

    private void documents(Entry entry, Findings findings) throws PluralityException {
        CacheLayout layout = cache.layout();
        EntryDocument document = entry.document();
        boolean isManifest = hasSum(entry.manifest(), document.digest(), findings);
        boolean isConfig = hasSum(entry.config(), document.configDigest(), findings);
        Path list = layout.fileList(entry.directory());
        Digest sum = document.sums().get(String.valueOf(list.getFileName()));
        if (sum != null) {
            boolean isList = hasSum(list, sum, findings);
            assert isList || findings.all() > 0;
        }
        if (isManifest && isConfig) {
            try {
                agree(entry, findings);
            } catch (IOException e) {
                findings.add(
                        String.valueOf(layout.entryDocument(entry.directory()).getFileName()),
                        "it does not agree with the manifest: " + e.getMessage());
            }
        }
    }

    /** Checks that the document's layers agree with manifest and configuration. */
    private void agree(Entry entry, Findings findings) throws IOException {
        EntryDocument document = entry.document();
        List<EntryDocument.Layer> layers = new ArrayList<>();
        List<Descriptor> blobs = ManifestParser.layers(Files.readAllBytes(entry.manifest()));
        List<Digest> diffIds =
                ImageConfig.parse(Files.readAllBytes(entry.config())).diffIds();
        for (int i = 0; i < Math.min(blobs.size(), diffIds.size()); i++) {
            layers.add(new EntryDocument.Layer(
                    blobs.get(i).digest(), diffIds.get(i), blobs.get(i).bytes()));
        }
        if (!layers.equals(document.layers())) {
            findings.add(
                    String.valueOf(
                            cache.layout().entryDocument(entry.directory()).getFileName()),
                    "its layers are not the manifest's");
        }
    }

    private static boolean hasSum(Path file, Digest expected, Findings findings) throws PluralityException {
        String name = String.valueOf(file.getFileName());
        try {
            if (FileDigest.of(file, expected.algorithm(), _ -> {}).equals(expected)) {
                return true;
            }
            findings.add(name, "its contents are not what was published");
        } catch (NoSuchFileException e) {
            findings.add(name, "it is missing");
        } catch (IOException e) {
            unreadable(file, name, e, findings);
        }
        return false;
    }

    private static void unreadable(Path file, String name, IOException e, Findings findings) throws PluralityException {
        String reason = PluralityException.reasonOf(e);
        if (e instanceof AccessDeniedException || TreeCheck.isDenied(e)) {
            throw PluralityException.storage("cannot verify " + file, e);
        }
        findings.add(name, "it cannot be read: " + reason);
    }

    /** @return the number of names that were compared */
    private long rootfs(Entry entry, boolean deep, Findings findings, LongConsumer read) throws PluralityException {
        EntryDocument document = entry.document();
        Path rootfs = entry.rootfs();
        String name = String.valueOf(rootfs.getFileName());
        try {
            BasicFileAttributes is = Files.readAttributes(rootfs, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            boolean isTree = document.kind() == RootfsKind.DIR;
            if (isTree ? !is.isDirectory() : !is.isRegularFile()) {
                findings.add(name, "it is another kind of file than was published");
                return 0;
            }
            if (isTree) {
                return compare(entry, DirectoryTree.openedLate(rootfs, UnpackLimits.DEEPEST), deep, findings, read);
            }
            if (is.size() != document.bytes()) {
                findings.add(name, "it has " + is.size() + " bytes, " + document.bytes() + " were published");
                return 0;
            }
            return squashfs(entry, name, deep, findings, read);
        } catch (NoSuchFileException e) {
            findings.add(name, "it is missing");
        } catch (IOException e) {
            unreadable(rootfs, name, e, findings);
        }
        return 0;
    }

    private long squashfs(Entry entry, String name, boolean deep, Findings findings, LongConsumer read)
            throws IOException, PluralityException {
        Optional<Digest> sum = Optional.ofNullable(entry.document().sums().get(name));
        boolean isAsPublished = false;
        if (deep && sum.isPresent()) {
            isAsPublished =
                    FileDigest.of(entry.rootfs(), sum.get().algorithm(), read).equals(sum.get());
        }
        long before = findings.all();
        boolean readsContents = deep && !isAsPublished;
        long files = 0;
        try {
            files = compare(entry, SquashTree.open(entry.rootfs(), ALL), readsContents, findings, read);
        } catch (LayerFormatException e) {
            findings.add(name, "it cannot be read: " + e.getMessage());
        }
        if (readsContents && sum.isPresent() && findings.all() == before) {
            findings.add(name, "its contents are not what was published");
        }
        return files;
    }

    private long compare(Entry entry, FileTree tree, boolean deep, Findings findings, LongConsumer read)
            throws PluralityException {
        Path file = cache.layout().fileList(entry.directory());
        String listName = String.valueOf(file.getFileName());
        String rootName = String.valueOf(entry.rootfs().getFileName());
        try (tree;
                FileListReader list = new FileListReader(file)) {
            TreeCheck check = new TreeCheck(list, rootName, deep, findings, read);
            try {
                check.run(tree);
                if (entry.document().kind() == RootfsKind.DIR
                        && check.bytes() != entry.document().bytes()) {
                    findings.add(
                            listName,
                            "it lists " + check.bytes() + " bytes, the document has "
                                    + entry.document().bytes());
                }
            } catch (TreeCheck.DamagedListException e) {
                findings.add(listName, "it cannot be read: " + e.getMessage());
            } catch (IOException e) {
                if (TreeCheck.isDenied(e)) {
                    throw PluralityException.storage("cannot verify " + entry.rootfs(), e);
                }
                findings.add(rootName, "it cannot be read: " + e.getMessage());
            }
            return check.files();
        } catch (NoSuchFileException e) {
            findings.add(listName, "it is missing");
        } catch (IOException e) {
            unreadable(file, listName, e, findings);
        }
        return 0;
    }
}
