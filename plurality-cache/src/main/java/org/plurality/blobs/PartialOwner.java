// SPDX-License-Identifier: Apache-2.0
package org.plurality.blobs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import org.plurality.cache.BoundedFile;
import org.plurality.cache.CachePermissions;
import org.plurality.json.JsonObject;
import org.plurality.process.ProcessIdentity;

/**
 * The file that records which process writes a partial blob. It is written before the blob, and removed when its
 * writer ends normally.
 */
final class PartialOwner {
    /**
     * Age after which the writer on another host counts as ended or stopped. It is longer than any process waits for a
     * byte.
     */
    static final Duration SILENT = Duration.ofMinutes(15);

    private PartialOwner() {}

    static void write(Path file) throws IOException {
        ProcessIdentity self = ProcessIdentity.current();
        Files.write(file, JsonObject.write(self::write), StandardOpenOption.CREATE_NEW);
        CachePermissions.shareFile(file);
    }

    /**
     * Tells whether no process writes a partial blob any more.
     *
     * @param changed time of the last write to it
     * @param now by the same clock
     */
    static boolean isGone(Path ownerFile, Instant changed, Instant now) throws IOException {
        ProcessIdentity.Liveness liveness;
        try {
            liveness = ProcessIdentity.read(JsonObject.parse(BoundedFile.read(ownerFile)))
                    .liveness();
        } catch (NoSuchFileException e) {
            return true;
        } catch (IOException e) {
            // The file is half written, by a process that was killed or that is writing it now, or it is no such
            // document.
            liveness = ProcessIdentity.Liveness.UNKNOWN;
        }
        return switch (liveness) {
            case ALIVE -> false;
            case ENDED -> true;
            case UNKNOWN -> Duration.between(changed, now).compareTo(SILENT) > 0;
        };
    }
}
