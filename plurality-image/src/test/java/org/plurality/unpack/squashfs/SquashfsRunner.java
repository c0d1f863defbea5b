// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.squashfs;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.plurality.failure.PluralityException;
import org.plurality.unpack.rootfs.ArchiveTarget;

/** The real program, counted, and its counterpart. */
public final class SquashfsRunner implements ArchiveTarget {
    private final Path file;
    private final SquashfsFile made;
    private int begun;

    public SquashfsRunner(Path file, Path scratch) {
        this.file = file;
        this.made = new SquashfsFile(
                file,
                scratch,
                SquashfsTools.of(Map.of("PATH", String.valueOf(System.getenv("PATH")))),
                SquashfsOptions.DEFAULT);
    }

    public int begun() {
        return begun;
    }

    /** Unpacks it into an absent directory. */
    public Path unsquash(Path directory) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("unsquashfs", "-q", "-n", "-d", directory.toString(), file.toString())
                .redirectErrorStream(true)
                .start();
        String words = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(words);
        }
        return directory;
    }

    @Override
    public OutputStream begin() throws PluralityException {
        begun++;
        return made.begin();
    }

    @Override
    public void end(Root root) throws PluralityException {
        made.end(root);
    }

    @Override
    public void close() {
        made.close();
    }
}
