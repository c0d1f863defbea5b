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

/** Who writes a partial blob: a file beside it, written before it, and removed when its writer ends in an orderly way. */
final class PartialOwner {
    /** Longer than any process waits for a byte: one elsewhere that wrote nothing for so long has ended, or stopped. */
    static final Duration SILENT = Duration.ofMinutes(15);

    private PartialOwner() {}

    static void write(Path file) throws IOException {
        ProcessIdentity self = ProcessIdentity.current();
        Files.write(file, JsonObject.write(self::write), StandardOpenOption.CREATE_NEW);
        CachePermissions.shareFile(file);
    }

    /**
     * Whether nobody writes a partial blob any more.
     *
     * @param changed when it last did
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
            // Half written, by one that was killed or that writes it at this moment; or no such document at all.
            liveness = ProcessIdentity.Liveness.UNKNOWN;
        }
        return switch (liveness) {
            case ALIVE -> false;
            case ENDED -> true;
            case UNKNOWN -> Duration.between(changed, now).compareTo(SILENT) > 0;
        };
    }
}
