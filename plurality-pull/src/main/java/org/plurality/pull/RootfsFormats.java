// SPDX-License-Identifier: Apache-2.0
package org.plurality.pull;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.plurality.failure.PluralityException;
import org.plurality.unpack.layer.UnpackLimits;
import org.plurality.unpack.rootfs.ReadPermissions;
import org.plurality.unpack.rootfs.UnpackSummary;
import org.plurality.unpack.squashfs.SquashfsOptions;
import org.plurality.unpack.squashfs.SquashfsTools;

/**
 * Root filesystems of each kind.
 *
 * @param limits that bound an image
 * @param dedupe whether directories share files
 */
public record RootfsFormats(UnpackLimits limits, SquashfsTools tools, SquashfsOptions options, boolean dedupe)
        implements RootfsSink.Factory {
    @Override
    public RootfsSink create(RootfsSink.Place place) throws PluralityException {
        return switch (place.kind()) {
            case DIR -> DirectoryRootfs.create(place, readers(place), limits, dedupe);
            case SQUASHFS -> SquashfsRootfs.create(place, readers(place), limits, tools, options);
        };
    }

    /** Who may read the entry may read what is in it. */
    private static ReadPermissions readers(RootfsSink.Place place) throws PluralityException {
        Path entry = place.rootfs().resolveSibling(".").normalize();
        try {
            return ReadPermissions.of(entry);
        } catch (IOException e) {
            throw PluralityException.storage("cannot look at " + entry, e);
        }
    }

    static List<String> notes(UnpackSummary summary) {
        List<String> notes = new ArrayList<>();
        note(notes, summary.droppedSpecials(), "devices and pipes left out");
        note(notes, summary.strippedSetIds(), "setuid and setgid bits left out");
        note(notes, summary.droppedXattrs(), "extended attributes left out");
        note(notes, summary.sharedFiles(), "files shared with other images");
        return notes;
    }

    private static void note(List<String> notes, long count, String what) {
        if (count > 0) {
            notes.add(what + ": " + count);
        }
    }
}
