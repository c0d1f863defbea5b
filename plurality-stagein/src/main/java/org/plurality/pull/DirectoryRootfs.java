package org.plurality.pull;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.plurality.failure.PluralityException;
import org.plurality.layer.UnpackLimits;
import org.plurality.reference.Digest;
import org.plurality.rootfs.MountPoints;
import org.plurality.rootfs.Readers;
import org.plurality.rootfs.RootfsWriter;
import org.plurality.rootfs.UnpackSummary;

/** Unpacks layers into a directory, with the mount points that {@code plurality-exec} needs. */
final class DirectoryRootfs implements RootfsSink {
    private final RootfsWriter writer;
    private final Path fileList;

    private DirectoryRootfs(RootfsWriter writer, Path fileList) {
        this.writer = writer;
        this.fileList = fileList;
    }

    static RootfsSink create(Place place, Readers readers, UnpackLimits limits) throws PluralityException {
        return new DirectoryRootfs(RootfsWriter.create(place.rootfs(), readers, limits), place.fileList());
    }

    @Override
    public Digest apply(InputStream blob, String mediaType, int layer) throws PluralityException, IOException {
        return writer.apply(blob, mediaType, layer);
    }

    @Override
    public Contents finish(String workingDirectory, Blobs blobs) throws PluralityException {
        UnpackSummary summary = writer.finish(MountPoints.standard(workingDirectory), fileList);
        return new Contents(summary.bytes(), summary.inodes(), RootfsFormats.notes(summary));
    }

    @Override
    public void close() throws PluralityException {
        writer.close();
    }
}
