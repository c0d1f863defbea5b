// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.archive;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.plurality.cache.Scratch;
import org.plurality.display.Progress;
import org.plurality.failure.PluralityException;
import org.plurality.image.ImageReader;
import org.plurality.unpack.layer.Decompression;
import org.plurality.unpack.layer.LayerFormatException;

/**
 * Opens images in files.
 *
 * <p>A file that can be read twice is read where it lies. Standard input, a pipe and a compressed file are copied to the cache's scratch
 * space first, decompressed; that takes as much room as the image has, for as long as it is staged in.
 */
public final class Archives {
    private final Scratch scratch;
    private final long maxBytes;
    private final Progress progress;

    /** @param maxBytes bound on what a compressed file, or a layer in one, decompresses to */
    public Archives(Scratch scratch, long maxBytes, Progress progress) {
        this.scratch = scratch;
        this.maxBytes = maxBytes;
        this.progress = progress;
    }

    /** @param source for errors, as the user wrote it; likewise below */
    public static ImageReader ociLayout(Path directory, @Nullable String tag, String source) {
        return new OciImage(new DirectoryContents(directory), tag, source);
    }

    public ImageReader ociArchive(Path file, @Nullable String tag, String source) throws PluralityException {
        return new OciImage(open(file, source), tag, source);
    }

    /** @param name of one image in it, or {@code @} and its place; null when there is only one */
    public ImageReader dockerArchive(Path file, @Nullable String name, String source) throws PluralityException {
        return new DockerSavedImage(open(file, source), name, source, maxBytes);
    }

    public ImageReader dockerArchiveOnStandardInput(@Nullable String name, String source) throws PluralityException {
        // A channel's reader wakes up when it is interrupted; System.in's does not. Not closed: it is the process's.
        FileChannel in = new FileInputStream(FileDescriptor.in).getChannel();
        try {
            return dockerArchive(Channels.newInputStream(in), name, source);
        } catch (IOException e) {
            throw new ArchiveRefusal(source).failed("", e);
        }
    }

    /**
     * @param stream of such a tar; read to its end, for the caller to close
     * @throws IOException what the stream threw
     */
    public ImageReader dockerArchive(InputStream stream, @Nullable String name, String source)
            throws PluralityException, IOException {
        return new DockerSavedImage(index(spool(stream, source), source), name, source, maxBytes);
    }

    private ArchiveContents open(Path file, String source) throws PluralityException {
        try {
            if (Files.isRegularFile(file)) {
                byte[] head;
                try (InputStream in = Files.newInputStream(file)) {
                    head = in.readNBytes(6);
                }
                if (!Decompression.isCompressed(head)) {
                    return index(file, source);
                }
            }
            try (InputStream in = Channels.newInputStream(FileChannel.open(file))) {
                return index(spool(in, source), source);
            }
        } catch (IOException e) {
            throw new ArchiveRefusal(source).failed("", e);
        }
    }

    private static ArchiveContents index(Path file, String source) throws PluralityException {
        try {
            return TarContents.open(file);
        } catch (IOException e) {
            throw new ArchiveRefusal(source).failed("", e);
        }
    }

    private Path spool(InputStream in, String source) throws PluralityException, IOException {
        progress.phase("reading " + source);
        Path file = scratch.directory().resolve("archive.tar");
        try (Spool spool = new Spool(file, maxBytes);
                InputStream tar = Decompression.of(in)) {
            byte[] buffer = new byte[128 << 10];
            for (int read = tar.read(buffer); read >= 0; read = tar.read(buffer)) {
                spool.write(buffer, read);
            }
            return file;
        } catch (LayerFormatException e) {
            throw new ArchiveRefusal(source).failed("", e);
        }
    }
}
