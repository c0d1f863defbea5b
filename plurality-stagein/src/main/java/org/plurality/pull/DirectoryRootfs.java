package org.plurality.pull;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.plurality.failure.PluralityException;
import org.plurality.layer.UnpackLimits;
import org.plurality.reference.Digest;
import org.plurality.rootfs.MountPoints;
import org.plurality.rootfs.RootfsWriter;
import org.plurality.rootfs.UnpackSummary;

/** Unpacks layers into a directory, with the mount points that {@code plurality-exec} needs. */
public final class DirectoryRootfs implements RootfsSink {
    private final RootfsWriter writer;
    private final Path fileList;

    private DirectoryRootfs(RootfsWriter writer, Path fileList) {
        this.writer = writer;
        this.fileList = fileList;
    }

    /** @param limits that bound an image */
    public static RootfsSink.Factory within(UnpackLimits limits) {
        return (directory, fileList) -> new DirectoryRootfs(RootfsWriter.create(directory, limits), fileList);
    }

    @Override
    public Digest apply(InputStream blob, String mediaType, int layer) throws PluralityException, IOException {
        return writer.apply(blob, mediaType, layer);
    }

    @Override
    public Contents finish(String workingDirectory) throws PluralityException {
        UnpackSummary summary = writer.finish(MountPoints.standard(workingDirectory), fileList);
        List<String> notes = new ArrayList<>();
        note(notes, summary.droppedSpecials(), "devices and pipes left out");
        note(notes, summary.strippedSetIds(), "setuid and setgid bits left out");
        note(notes, summary.droppedXattrs(), "extended attributes left out");
        return new Contents(summary.bytes(), summary.inodes(), notes);
    }

    @Override
    public void close() throws PluralityException {
        writer.close();
    }

    private static void note(List<String> notes, long count, String what) {
        if (count > 0) {
            notes.add(what + ": " + count);
        }
    }
}
