// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.ListIterator;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.PluralityException;
import org.plurality.posix.ByteString;
import org.plurality.reference.Digest;
import org.plurality.unpack.layer.BlobReadException;
import org.plurality.unpack.layer.LayerFormatException;
import org.plurality.unpack.layer.LayerStream;
import org.plurality.unpack.layer.TarEntry;
import org.plurality.unpack.layer.TarReader;
import org.plurality.unpack.layer.UnpackLimits;

/**
 * Merges an image's layers, the highest first, into one tar: the tree that {@link RootfsWriter} would make, with the owners that the
 * image has and times in whole seconds.
 *
 * <p>Each layer is decompressed once, as a rule. While it is read, files that no higher layer seems to hide go into the tar at once; its
 * headers are kept. After the last layer they are applied in their order to a tree in memory, which decides: what should not have gone
 * into the tar makes it begin anew, what was missed is read again, and directories, links and mount points follow. That guess is wrong
 * where a layer reaches a name through a link of another, or names something twice; then layers are decompressed twice.
 *
 * <p>For one thread; a layer takes a second thread and 2 MiB of buffers while it is read. Memory grows by about 650 bytes an entry.
 */
public final class RootfsArchive {
    private static final RootfsBackend.Contents NOTHING = (buffer, offset, length) -> -1;

    private final ArchiveTarget target;
    private final ReadPermissions readers;
    private final UnpackLimits limits;
    private final MemoryBudget memory;
    private final UnpackCounts counts = new UnpackCounts();
    private final Map<Integer, List<@Nullable LoggedEntry>> logs = new TreeMap<>();
    private final Map<Integer, String> mediaTypes = new HashMap<>();
    private final ReplayBackend medium = new ReplayBackend();
    private final RootfsTree tree;
    private final AtomicLong budget;
    private final byte[] buffer = new byte[128 << 10];
    private final MessageDigest digest = Digest.Algorithm.SHA256.newMessageDigest();
    private @Nullable WhiteoutIndex hidden;
    private TarOutput out;
    private boolean isBroken;
    private long entries;
    private long written;

    private RootfsArchive(ArchiveTarget target, TarOutput out, ReadPermissions readers, UnpackLimits limits) {
        this.target = target;
        this.out = out;
        this.readers = readers;
        this.limits = limits;
        this.memory = new MemoryBudget(limits);
        this.tree = new RootfsTree(medium, limits, memory);
        this.budget = new AtomicLong(limits.maxBytes());
    }

    /** @param target the caller's to close */
    public static RootfsArchive create(ArchiveTarget target, ReadPermissions readers, UnpackLimits limits)
            throws PluralityException {
        return new RootfsArchive(target, new TarOutput(target.begin()), readers, limits);
    }

    /** Opens the blob of a layer that was read before, from its first byte. */
    @FunctionalInterface
    public interface Reopener {
        InputStream open(int layer) throws IOException;
    }

    /**
     * Reads the next layer down, and its blob to the end.
     *
     * @param blob the caller's to verify and to close
     * @param mediaType as the manifest has it
     * @param layer from 0, the lowest, which comes last
     * @return the layer's diffId, for the caller to compare with the configuration's
     * @throws PluralityException (INTEGRITY) when the layer is damaged, hostile or exceeds a bound
     * @throws IOException what the blob's own stream threw
     */
    public Digest apply(InputStream blob, String mediaType, int layer) throws PluralityException, IOException {
        WhiteoutIndex names = hidden == null ? WhiteoutIndex.none(memory, layer == 0) : hidden.below(layer == 0);
        hidden = names;
        List<@Nullable LoggedEntry> log = new ArrayList<>();
        logs.put(layer, log);
        mediaTypes.put(layer, mediaType);
        try (LayerStream stream = new LayerStream(blob, mediaType, limits, budget)) {
            TarReader tar = new TarReader(stream, limits);
            for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
                limits.requireEntries(++entries);
                LoggedEntry logged = new LoggedEntry(entry, layer, log.size());
                memory.take(logged.memory());
                log.add(logged);
                guess(names, logged, tar);
            }
            return stream.diffId();
        } catch (BlobReadException e) {
            throw e.failure();
        } catch (LayerFormatException e) {
            throw LayerRefusal.of("cannot unpack layer " + (layer + 1), e);
        }
    }

    private void guess(WhiteoutIndex names, LoggedEntry logged, TarReader tar) throws IOException {
        TarEntry entry = logged.entry();
        List<ByteString> components = EntryName.components(entry.name(), limits);
        if (components.isEmpty()) {
            return;
        }
        ByteString path = EntryName.join(components);
        if (!names.shows(components, path, entry) || entry.kind() != TarEntry.Kind.FILE || isBroken) {
            return;
        }
        written++;
        Inode.RegularFile file = new Inode.RegularFile(LayerApplier.fileMode(entry, readers), entry);
        // Ahead of the contents: whatever breaks meanwhile may be due to it.
        logged.writtenAs(path);
        try {
            logged.digested(write(file, path, tar));
        } catch (BrokenArchiveException e) {
            isBroken = true;
        }
    }

    /**
     * Puts the rest into the tar, ends the target, and writes the file list.
     *
     * @param fileList absent
     * @param blobs of the layers, some of which may be read again
     */
    public UnpackSummary finish(MountPoints mountPoints, Path fileList, Reopener blobs)
            throws PluralityException, IOException {
        if (hidden != null) {
            hidden.forget();
        }
        try {
            replay();
            new MountPointMaker(tree, medium, limits).make(mountPoints);
            if (Placement.of(tree).placed() != written) {
                beginAnew();
            }
        } catch (LayerFormatException e) {
            throw LayerRefusal.of("cannot finish the root filesystem", e);
        }
        try {
            if (!isBroken) {
                complete(blobs);
            }
        } catch (BrokenArchiveException e) {
            // Its end says why.
        }
        Node.Directory root = tree.root();
        target.end(new ArchiveTarget.Root(root.mode(), root.uid(), root.gid(), root.seconds()));
        return list(fileList);
    }

    /** Applies the headers as if the layers were unpacked now. */
    private void replay() throws IOException {
        LayerApplier applier = new LayerApplier(tree, medium, readers, limits, counts);
        for (Map.Entry<Integer, List<@Nullable LoggedEntry>> log : logs.entrySet()) {
            ListIterator<@Nullable LoggedEntry> layer = log.getValue().listIterator();
            while (layer.hasNext()) {
                LoggedEntry logged = Objects.requireNonNull(layer.next());
                layer.set(null);
                memory.giveBack(logged.memory());
                medium.current(logged);
                applier.apply(logged.entry(), log.getKey(), NOTHING);
            }
        }
        logs.clear();
        medium.current(null);
    }

    /** The guess was wrong: every file is read again, into a new tar. */
    private void beginAnew() throws PluralityException, IOException {
        isBroken = false;
        TreeWalk.walk(tree, new TreeWalk.Visitor() {
            @Override
            public void directory(Node.Directory directory, ByteString path) {}

            @Override
            public void file(Inode.RegularFile file, ByteString path, ByteString first) {
                file.placeAt(null);
            }

            @Override
            public void symbolicLink(Inode.SymbolicLink link, ByteString path, ByteString first) {}
        });
        out = new TarOutput(target.begin());
    }

    private void complete(Reopener blobs) throws PluralityException, IOException {
        for (Map.Entry<Integer, Map<Integer, Placement.Missing>> layer :
                Placement.missing(tree).entrySet()) {
            try (InputStream blob = blobs.open(layer.getKey())) {
                readAgain(blob, layer.getKey(), layer.getValue());
            }
        }
        TreeWalk.walk(tree, new ArchiveTail(out));
        out.end();
    }

    private void readAgain(InputStream blob, int layer, Map<Integer, Placement.Missing> missing)
            throws PluralityException, IOException {
        AtomicLong again = new AtomicLong(limits.maxBytes());
        int left = missing.size();
        String mediaType = mediaTypes.getOrDefault(layer, "");
        try (LayerStream stream = new LayerStream(blob, mediaType, limits, again)) {
            TarReader tar = new TarReader(stream, limits);
            TarEntry entry = tar.next();
            for (int index = 0; entry != null && left > 0; index++) {
                Placement.Missing file = missing.get(index);
                if (file != null) {
                    file.file().digested(write(file.file(), file.path(), tar));
                    file.file().placeAt(file.path());
                    left--;
                }
                entry = tar.next();
            }
        } catch (BlobReadException e) {
            throw e.failure();
        } catch (LayerFormatException e) {
            throw LayerRefusal.of("cannot unpack layer " + (layer + 1), e);
        }
    }

    private UnpackSummary list(Path fileList) throws PluralityException {
        try (FileList list = new FileList(fileList, true)) {
            TreeWalk.walk(tree, list);
            return UnpackSummary.of(counts, list);
        } catch (IOException e) {
            throw PluralityException.storage("cannot write " + fileList, e);
        }
    }

    private ByteString write(Inode.RegularFile file, ByteString path, TarReader tar) throws IOException {
        digest.reset();
        out.file(path, file);
        for (int read = tar.read(buffer, 0, buffer.length); read >= 0; read = tar.read(buffer, 0, buffer.length)) {
            digest.update(buffer, 0, read);
            out.contents(buffer, 0, read);
        }
        out.padding(file.size());
        return ByteString.copyOf(digest.digest());
    }
}
