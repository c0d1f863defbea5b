// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.verification;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.UUID;
import org.plurality.cache.BoundedFile;
import org.plurality.cache.CacheLayout;
import org.plurality.cache.CachePermissions;
import org.plurality.cache.DurableFiles;
import org.plurality.cache.FileStat;
import org.plurality.json.JsonObject;
import org.plurality.reference.Digest;

/**
 * Records when each image was last verified in depth, and the result: one small file for each image, whose
 * modification time on the server is the time of the verification. The marks only determine which images to verify
 * first. A user without write access leaves none.
 */
public final class VerificationMarks {
    private final CacheLayout layout;

    public VerificationMarks(CacheLayout layout) {
        this.layout = layout;
    }

    /**
     * @param publication the publication that was verified
     * @param damages number of differences that were found
     */
    public record Mark(Instant at, String publication, long damages) {}

    public Optional<Mark> of(Digest digest) {
        Path file = layout.verified(digest);
        try {
            JsonObject json = JsonObject.parse(BoundedFile.read(file));
            return Optional.of(
                    new Mark(FileStat.of(file).modified(), json.string("publication"), json.number("damages")));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Counts of the marks of some images.
     *
     * @param images images that have a mark
     * @param damaged images of these that were damaged at their last verification, of any publication
     * @param oldest time of the oldest mark; the epoch if an image has none
     */
    public record Count(long images, long damaged, Instant oldest) {}

    public Count count(Collection<Digest> digests) {
        long images = 0;
        long damaged = 0;
        Instant oldest = Instant.MAX;
        for (Digest digest : digests) {
            Optional<Mark> mark = of(digest);
            Instant at = mark.map(Mark::at).orElse(Instant.EPOCH);
            oldest = at.isBefore(oldest) ? at : oldest;
            images += mark.isPresent() ? 1 : 0;
            damaged += mark.isPresent() && mark.get().damages() > 0 ? 1 : 0;
        }
        return new Count(images, damaged, digests.isEmpty() ? Instant.EPOCH : oldest);
    }

    /** Forgets the mark of an image that was staged in again, so that it will be verified. */
    public void forget(Digest digest) {
        try {
            Files.deleteIfExists(layout.verified(digest));
        } catch (IOException e) {
            // The mark belongs to another publication, which has the same effect.
        }
    }

    void write(Verified verified) {
        try {
            CachePermissions.createDirectories(layout, layout.verified());
            byte[] document = JsonObject.write(json -> {
                json.writeStringField("digest", verified.digest().toString());
                json.writeStringField("publication", verified.publication());
                json.writeNumberField("damages", verified.damages());
            });
            DurableFiles.replace(
                    layout.verified(verified.digest()), document, layout.tmp().resolve("mark-" + UUID.randomUUID()));
        } catch (IOException e) {
            // The image will be verified again.
        }
    }

    /** Removes the marks of images that no longer exist. */
    void sweep() {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(layout.verified())) {
            for (Path file : files) {
                if (!isOfImage(String.valueOf(file.getFileName()))) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (NoSuchFileException e) {
            // Nothing has been verified yet.
        } catch (IOException | DirectoryIteratorException e) {
            // Another pass removes it.
        }
    }

    private boolean isOfImage(String hex) {
        for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
            try {
                if (Files.exists(layout.image(new Digest(algorithm, hex)), LinkOption.NOFOLLOW_LINKS)) {
                    return true;
                }
            } catch (IllegalArgumentException e) {
                // Not a mark's name.
            }
        }
        return false;
    }
}
