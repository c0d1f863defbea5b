package org.plurality.verification;

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
import org.plurality.cache.CacheLayout;
import org.plurality.cache.DurableFiles;
import org.plurality.cache.InheritedAccess;
import org.plurality.cache.SmallFile;
import org.plurality.cache.UnixFile;
import org.plurality.json.JsonObject;
import org.plurality.reference.Digest;

/**
 * When each image was last verified in depth, and with what result: one small file each, as old as that by the server's clock. They only say
 * what to look at first; who may not write there leaves none.
 */
public final class VerificationMarks {
    private final CacheLayout layout;

    public VerificationMarks(CacheLayout layout) {
        this.layout = layout;
    }

    /**
     * @param publication that was looked at
     * @param damages that were found
     */
    public record Mark(Instant at, String publication, long damages) {}

    public Optional<Mark> of(Digest digest) {
        Path file = layout.verified(digest);
        try {
            JsonObject json = JsonObject.parse(SmallFile.read(file));
            return Optional.of(
                    new Mark(UnixFile.of(file).modified(), json.string("publication"), json.number("damages")));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Of some images.
     *
     * @param images that have a mark
     * @param damaged of these, at the last look at any publication
     * @param oldest of the marks; the epoch when one lacks
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

    /** The image was staged in anew: it is to be looked at. */
    public void forget(Digest digest) {
        try {
            Files.deleteIfExists(layout.verified(digest));
        } catch (IOException e) {
            // It is of another publication, which says as much.
        }
    }

    void write(Verified verified) {
        try {
            InheritedAccess.createDirectories(layout, layout.verified());
            byte[] document = JsonObject.write(json -> {
                json.writeStringField("digest", verified.digest().toString());
                json.writeStringField("publication", verified.publication());
                json.writeNumberField("damages", verified.damages());
            });
            DurableFiles.replace(
                    layout.verified(verified.digest()), document, layout.tmp().resolve("mark-" + UUID.randomUUID()));
        } catch (IOException e) {
            // It is looked at again.
        }
    }

    /** Those of images that are gone. */
    void sweep() {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(layout.verified())) {
            for (Path file : files) {
                if (!isOfImage(String.valueOf(file.getFileName()))) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (NoSuchFileException e) {
            // Nothing was verified yet.
        } catch (IOException | DirectoryIteratorException e) {
            // Another pass does it.
        }
    }

    private boolean isOfImage(String hex) {
        for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
            try {
                if (Files.exists(layout.image(new Digest(algorithm, hex)), LinkOption.NOFOLLOW_LINKS)) {
                    return true;
                }
            } catch (IllegalArgumentException e) {
                // Not this one's.
            }
        }
        return false;
    }
}
