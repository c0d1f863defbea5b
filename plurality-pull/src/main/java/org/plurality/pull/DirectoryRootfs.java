// SPDX-License-Identifier: Apache-2.0
package org.plurality.pull;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import org.plurality.cache.CachePermissions;
import org.plurality.failure.PluralityException;
import org.plurality.reference.Digest;
import org.plurality.unpack.layer.UnpackLimits;
import org.plurality.unpack.rootfs.MountPoints;
import org.plurality.unpack.rootfs.ReadPermissions;
import org.plurality.unpack.rootfs.RootfsWriter;
import org.plurality.unpack.rootfs.Sharing;
import org.plurality.unpack.rootfs.UnpackSummary;

/** Unpacks layers into a directory, with the mount points that {@code plurality-exec} needs. */
final class DirectoryRootfs implements RootfsSink {
    private final RootfsWriter writer;
    private final Place place;
    private final boolean dedupe;

    private DirectoryRootfs(RootfsWriter writer, Place place, boolean dedupe) {
        this.writer = writer;
        this.place = place;
        this.dedupe = dedupe;
    }

    /** @param dedupe whether files that other images have are shared with them */
    static RootfsSink create(Place place, ReadPermissions readers, UnpackLimits limits, boolean dedupe)
            throws PluralityException {
        return new DirectoryRootfs(RootfsWriter.create(place.rootfs(), readers, limits), place, dedupe);
    }

    @Override
    public Digest apply(InputStream blob, String mediaType, int layer) throws PluralityException, IOException {
        return writer.apply(blob, mediaType, layer);
    }

    @Override
    public Contents finish(String workingDirectory, Blobs blobs) throws PluralityException {
        UnpackSummary summary = writer.finish(MountPoints.standard(workingDirectory), place.fileList(), sharing());
        return new Contents(summary.bytes(), summary.inodes(), RootfsFormats.notes(summary));
    }

    private @Nullable Sharing sharing() throws PluralityException {
        if (!dedupe) {
            return null;
        }
        try {
            CachePermissions.createDirectories(place.layout(), place.layout().shared());
        } catch (IOException e) {
            throw PluralityException.storage("cannot make " + place.layout().shared(), e);
        }
        return new Sharing(place.layout().shared(), place.scratch());
    }

    @Override
    public void close() throws PluralityException {
        writer.close();
    }
}
