// SPDX-License-Identifier: Apache-2.0
package org.plurality.pull;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.plurality.cache.RootfsKind;
import org.plurality.failure.PluralityException;
import org.plurality.machine.Filesystem;
import org.plurality.machine.FuseDevice;
import org.plurality.unpack.squashfs.SquashfsTools;

/**
 * How images are kept where nobody says: as one file on a parallel or network filesystem, whose metadata server a tree of small files would
 * keep busy, as a directory elsewhere and where this machine could not make or mount a squashfs.
 */
public final class RootfsKindSelector {
    private RootfsKindSelector() {}

    /**
     * @param directory that is there
     * @param more filesystems to take for shared ones
     */
    public static RootfsKind of(Path directory, List<String> more, SquashfsTools tools) throws PluralityException {
        try {
            return of(Filesystem.of(directory), more, tools, FuseDevice.here());
        } catch (IOException e) {
            throw PluralityException.storage("cannot tell the filesystem of " + directory, e);
        }
    }

    static RootfsKind of(Filesystem filesystem, List<String> more, SquashfsTools tools, FuseDevice fuse) {
        return filesystem.isShared(more) && canSquash(tools, fuse) ? RootfsKind.SQUASHFS : RootfsKind.DIR;
    }

    /** Whether a squashfs could be made and mounted here. */
    public static boolean canSquash(SquashfsTools tools) {
        return canSquash(tools, FuseDevice.here());
    }

    private static boolean canSquash(SquashfsTools tools, FuseDevice fuse) {
        return fuse.isOpen() && tools.areComplete();
    }
}
