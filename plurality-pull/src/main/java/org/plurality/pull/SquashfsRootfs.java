// SPDX-License-Identifier: Apache-2.0
package org.plurality.pull;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.plurality.failure.PluralityException;
import org.plurality.reference.Digest;
import org.plurality.unpack.layer.UnpackLimits;
import org.plurality.unpack.rootfs.MountPoints;
import org.plurality.unpack.rootfs.ReadPermissions;
import org.plurality.unpack.rootfs.RootfsArchive;
import org.plurality.unpack.rootfs.UnpackSummary;
import org.plurality.unpack.squashfs.SquashfsFile;
import org.plurality.unpack.squashfs.SquashfsOptions;
import org.plurality.unpack.squashfs.SquashfsTools;

/** Merges layers into one squashfs file, with the mount points that {@code plurality-exec} needs. Nothing else is written. */
final class SquashfsRootfs implements RootfsSink {
    private final SquashfsFile squashfs;
    private final RootfsArchive archive;
    private final Path file;
    private final Path fileList;

    private SquashfsRootfs(SquashfsFile squashfs, RootfsArchive archive, Place place) {
        this.squashfs = squashfs;
        this.archive = archive;
        this.file = place.rootfs();
        this.fileList = place.fileList();
    }

    static RootfsSink create(
            Place place, ReadPermissions readers, UnpackLimits limits, SquashfsTools tools, SquashfsOptions options)
            throws PluralityException {
        SquashfsFile squashfs = new SquashfsFile(place.rootfs(), place.scratch(), tools, options);
        try {
            return new SquashfsRootfs(squashfs, RootfsArchive.create(squashfs, readers, limits), place);
        } catch (PluralityException e) {
            squashfs.close();
            throw e;
        }
    }

    @Override
    public boolean takesHighestFirst() {
        return true;
    }

    @Override
    public Digest apply(InputStream blob, String mediaType, int layer) throws PluralityException, IOException {
        return archive.apply(blob, mediaType, layer);
    }

    @Override
    public Contents finish(String workingDirectory, Blobs blobs) throws PluralityException, IOException {
        UnpackSummary summary = archive.finish(MountPoints.standard(workingDirectory), fileList, blobs::open);
        try {
            return new Contents(Files.size(file), 1, RootfsFormats.notes(summary));
        } catch (IOException e) {
            throw PluralityException.storage("cannot look at " + file, e);
        }
    }

    @Override
    public void cancel() {
        squashfs.cancel();
    }

    @Override
    public void close() {
        squashfs.close();
    }
}
