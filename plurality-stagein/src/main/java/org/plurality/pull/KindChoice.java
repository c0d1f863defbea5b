package org.plurality.pull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.plurality.cache.RootfsKind;
import org.plurality.failure.PluralityException;
import org.plurality.machine.Filesystem;
import org.plurality.squashfs.SquashfsTools;

/**
 * How images are kept where nobody says: as one file on a parallel or network filesystem, whose metadata server a tree of small files would
 * keep busy, as a directory elsewhere and where this machine could not make or mount a squashfs.
 */
public final class KindChoice {
    private static final Path FUSE = Path.of("/dev/fuse");

    private KindChoice() {}

    /**
     * @param directory that is there
     * @param more filesystems to take for shared ones
     */
    public static RootfsKind of(Path directory, List<String> more, SquashfsTools tools) throws PluralityException {
        boolean isShared;
        try {
            isShared = Filesystem.of(directory).isShared(more);
        } catch (IOException e) {
            throw PluralityException.storage("cannot tell the filesystem of " + directory, e);
        }
        return isShared && Files.exists(FUSE) && tools.areComplete() ? RootfsKind.SQUASHFS : RootfsKind.DIR;
    }
}
