// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.PluralityException;
import org.plurality.posix.ByteString;
import org.plurality.posix.LinuxPosix;
import org.plurality.posix.Posix;
import org.plurality.reference.Digest;
import org.plurality.unpack.layer.BlobReadException;
import org.plurality.unpack.layer.LayerFormatException;
import org.plurality.unpack.layer.LayerStream;
import org.plurality.unpack.layer.TarEntry;
import org.plurality.unpack.layer.TarReader;
import org.plurality.unpack.layer.UnpackLimits;

/**
 * Unpacks an image's layers, the lowest first, into a directory of its own.
 *
 * <p>Nothing outside that directory is touched, whatever the layers hold. Owners are never set; devices, pipes, extended attributes
 * but harmless ones of users, setuid and setgid are left out and counted; regular files are at least readable and directories fully open
 * to their owner, and readable to whom the cache is. Directories have their final modes and times, and everything is on the disk, only after {@link #finish}. After a failure the directory is
 * worthless and the writer can only be closed.
 *
 * <p>One thread at a time; a layer takes a second thread and 2 MiB of buffers while it is applied. Memory grows by about 250 bytes an
 * entry.
 */
public final class RootfsWriter implements AutoCloseable {
    private final Path directory;
    private final UnpackLimits limits;
    private final Posix posix;
    private final DiskBackend disk;
    private final RootfsTree tree;
    private final UnpackCounts counts = new UnpackCounts();
    private final LayerApplier applier;
    private final AtomicLong budget;
    private final WriteBehind behind;
    private final boolean isToldBySyncfs;

    private RootfsWriter(
            Path directory, ReadPermissions readers, UnpackLimits limits, Posix posix, boolean isToldBySyncfs)
            throws IOException {
        this.isToldBySyncfs = isToldBySyncfs;
        this.directory = directory;
        this.limits = limits;
        this.posix = posix;
        this.disk = new DiskBackend(posix, ByteString.utf8(directory.toString()), counts);
        this.tree = new RootfsTree(disk, limits, new MemoryBudget(limits));
        this.applier = new LayerApplier(tree, disk, readers, limits, counts);
        this.budget = new AtomicLong(limits.maxBytes());
        this.behind = new WriteBehind(directory);
        forgetEarlierErrors();
    }

    /** The kernel tells each new descriptor of an error that nobody has heard of, whoever's file it was: nothing of ours is written yet. */
    private void forgetEarlierErrors() {
        try {
            disk.sync(tree.root());
        } catch (IOException e) {
            // Somebody else's.
        }
    }

    /**
     * @param directory absent, or empty and nobody else's
     * @param readers for whom files are opened
     * @throws PluralityException (STORAGE) when it cannot be made or opened, or holds something
     */
    public static RootfsWriter create(Path directory, ReadPermissions readers, UnpackLimits limits)
            throws PluralityException {
        return create(directory, readers, limits, new LinuxPosix(), StoredFiles.areToldBySyncfs());
    }

    static RootfsWriter create(Path directory, ReadPermissions readers, UnpackLimits limits, Posix posix)
            throws PluralityException {
        return create(directory, readers, limits, posix, true);
    }

    /** @param isToldBySyncfs whether its errors are all that there are: {@link StoredFiles} */
    static RootfsWriter create(
            Path directory, ReadPermissions readers, UnpackLimits limits, Posix posix, boolean isToldBySyncfs)
            throws PluralityException {
        try {
            if (!Files.exists(directory)) {
                Files.createDirectory(directory);
            }
            try (Stream<Path> children = Files.list(directory)) {
                if (children.findAny().isPresent()) {
                    throw new IOException("Directory not empty");
                }
            }
            return new RootfsWriter(directory.toAbsolutePath(), readers, limits, posix, isToldBySyncfs);
        } catch (IOException e) {
            throw PluralityException.storage("cannot unpack into " + directory, e);
        }
    }

    /**
     * Applies the next layer, and reads the blob to its end.
     *
     * @param blob the caller's to verify and to close
     * @param mediaType as the manifest has it
     * @param layerIndex from 0, for messages and to tell what is a lower layer's
     * @return the layer's diffId, for the caller to compare with the configuration's
     * @throws PluralityException INTEGRITY when the layer is damaged, hostile or exceeds a bound; STORAGE when it cannot be written
     * @throws IOException what the blob's own stream threw
     */
    public Digest apply(InputStream blob, String mediaType, int layerIndex) throws PluralityException, IOException {
        String what = "cannot unpack layer " + (layerIndex + 1);
        TarEntry entry = null;
        try (LayerStream layer = new LayerStream(blob, mediaType, limits, budget)) {
            TarReader tar = new TarReader(layer, limits);
            for (entry = tar.next(); entry != null; entry = tar.next()) {
                applier.apply(entry, layerIndex, tar::read);
                behind.wrote(entry.size());
            }
            return layer.diffId();
        } catch (BlobReadException e) {
            throw e.failure();
        } catch (LayerFormatException e) {
            throw LayerRefusal.of(what, e);
        } catch (IOException e) {
            throw PluralityException.storage(what + " into " + directory + nameOf(entry), e);
        }
    }

    /** As below; no file is shared with other trees. */
    public UnpackSummary finish(MountPoints mountPoints, Path fileList) throws PluralityException {
        return finish(mountPoints, fileList, null);
    }

    /**
     * Makes the mount points, gives directories their modes and times, writes the file list and flushes the filesystem.
     *
     * @param fileList absent; on the same filesystem, so that it is flushed too
     * @param sharing where files lie that other trees have, too; null to share none
     */
    public UnpackSummary finish(MountPoints mountPoints, Path fileList, @Nullable Sharing sharing)
            throws PluralityException {
        try {
            new MountPointMaker(tree, disk, limits).make(mountPoints);
            if (sharing != null) {
                try (Deduplicator sharer = new Deduplicator(posix, disk, sharing, counts)) {
                    sharer.share(tree.root());
                }
            }
            FileList list;
            try (FileList open = new FileList(fileList, false)) {
                list = open;
                TreeWalk.walk(tree, new Finisher(disk, open));
            }
            behind.await();
            disk.sync(tree.root());
            if (!isToldBySyncfs) {
                new StoredFiles(posix, disk).check(tree.root());
            }
            return UnpackSummary.of(counts, list);
        } catch (LayerFormatException e) {
            throw LayerRefusal.of("cannot finish the root filesystem", e);
        } catch (IOException e) {
            throw PluralityException.storage("cannot finish the root filesystem in " + directory, e);
        }
    }

    /** Closes descriptors; removing the directory is the caller's. */
    @Override
    public void close() throws PluralityException {
        try {
            disk.close();
        } catch (IOException e) {
            throw PluralityException.storage("cannot close " + directory, e);
        }
    }

    private static String nameOf(@Nullable TarEntry entry) {
        return entry == null ? "" : " (at " + entry.name() + ")";
    }
}
