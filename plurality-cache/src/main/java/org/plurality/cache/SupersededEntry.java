// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.plurality.failure.PluralityException;
import org.plurality.json.JsonObject;
import org.plurality.process.ProcessIdentity;
import org.plurality.reference.Digest;

/**
 * An image whose place another publication of the same digest took, because it was damaged or had no document: its files lie in {@code trash/old-UUID/image}
 * beside an {@code owner.json} until those that ran from it have ended. Whose leases these are is written there when it is set aside; who
 * takes one later runs from the new one. A file {@code settled} says that there is a new one, or was.
 */
public final class SupersededEntry {
    private static final String PREFIX = "old-";
    private static final String IMAGE = "image";
    /** A name under which nobody takes the image for one that may be put back: what a kill leaves half deleted is only to be deleted. */
    private static final String DOOMED = "doomed";

    private static final String SETTLED = "settled";
    private static final String LEASE_SUFFIX = ".json";

    /** A stranger can make any number of leases; those that are not named here count by their age. */
    private static final int MOST_LEASES = 10_000;

    private final CacheLayout layout;
    private final Path place;
    private final Digest digest;
    private final Set<String> leases;

    private SupersededEntry(CacheLayout layout, Path place, Digest digest, Set<String> leases) {
        this.layout = layout;
        this.place = place;
        this.digest = digest;
        this.leases = Set.copyOf(leases);
    }

    /** By one rename; empty when nothing has that name. */
    static Optional<SupersededEntry> setAside(CacheLayout layout, Digest digest) throws IOException {
        Path image = layout.image(digest);
        if (!Files.exists(image, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        Path place = layout.trash().resolve(PREFIX + UUID.randomUUID());
        Files.createDirectory(place);
        ProcessIdentity owner = ProcessIdentity.current();
        List<String> leases = leaseNames(layout, digest);
        DurableFiles.writeNew(place.resolve(StaleFiles.OWNER), JsonObject.write(json -> {
            owner.write(json);
            json.writeStringField("digest", digest.toString());
            json.writeArrayFieldStart("leases");
            for (String lease : leases) {
                json.writeString(lease);
            }
            json.writeEndArray();
        }));
        try {
            DurableFiles.rename(image, place.resolve(IMAGE));
        } catch (IOException e) {
            DurableFiles.deleteTree(place);
            if (e instanceof NoSuchFileException) {
                return Optional.empty();
            }
            throw e;
        }
        return Optional.of(new SupersededEntry(layout, place, digest, Set.copyOf(leases)));
    }

    /** All of a cache; what cannot be understood is left out, and stays. */
    public static List<SupersededEntry> all(CacheLayout layout) throws IOException {
        List<SupersededEntry> all = new ArrayList<>();
        try (DirectoryStream<Path> places = Files.newDirectoryStream(layout.trash(), PREFIX + "*")) {
            for (Path place : places) {
                try {
                    JsonObject owner =
                            JsonObject.parse(BoundedFile.read(place.resolve(StaleFiles.OWNER), JsonObject.MAX_BYTES));
                    if (Files.exists(place.resolve(IMAGE), LinkOption.NOFOLLOW_LINKS)) {
                        all.add(new SupersededEntry(
                                layout,
                                place,
                                Digest.parse(owner.string("digest")),
                                new HashSet<>(owner.strings("leases"))));
                    }
                } catch (IOException | IllegalArgumentException e) {
                    // Being made or removed at this moment.
                }
            }
        } catch (NoSuchFileException e) {
            return all;
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return all;
    }

    public Digest digest() {
        return digest;
    }

    /** The names of the leases that there were, without their suffix. */
    public Set<String> leases() {
        return leases;
    }

    /** When it was set aside, by the server's clock. */
    public Instant since() throws IOException {
        return FileStat.of(place).modified();
    }

    /** Says that another has its name now; where that cannot be written, this one passes for the only copy once the other has gone. */
    void settle() {
        try {
            Files.createFile(place.resolve(SETTLED));
        } catch (IOException e) {
            // Said above.
        }
    }

    /** Whether, as far as is known, nothing ever took its place: who set it aside may be about to, or have ended. */
    public boolean isOnlyCopy() {
        return !Files.exists(place.resolve(SETTLED), LinkOption.NOFOLLOW_LINKS)
                && !Files.exists(layout.image(digest), LinkOption.NOFOLLOW_LINKS);
    }

    /** Whether who set it aside ended before anything took its place. */
    public boolean isOrphaned() throws IOException {
        return isOnlyCopy() && StaleFiles.isAbandoned(layout, place);
    }

    /** Whether it has its document: damaged otherwise, or not at all. */
    boolean isWhole() {
        return Files.exists(layout.entryDocument(place.resolve(IMAGE)), LinkOption.NOFOLLOW_LINKS);
    }

    /** Gives it its name back, unless there is something of that name by now. */
    public void restore() throws IOException {
        try {
            DurableFiles.rename(place.resolve(IMAGE), layout.image(digest));
        } catch (IOException e) {
            if (!Files.exists(layout.image(digest), LinkOption.NOFOLLOW_LINKS)) {
                throw e;
            }
            return;
        }
        DurableFiles.deleteTree(place);
    }

    /** Gives images of that digest their name back whose repair was cut off. */
    static void restoreIfOrphaned(CacheLayout layout, Digest digest) throws IOException {
        for (SupersededEntry replaced : all(layout)) {
            if (replaced.digest().equals(digest) && replaced.isOrphaned()) {
                replaced.restore();
            }
        }
    }

    /** Deletes its files. */
    public void delete() throws PluralityException {
        try {
            try {
                DurableFiles.rename(place.resolve(IMAGE), place.resolve(DOOMED));
            } catch (NoSuchFileException e) {
                // Another pass deletes it.
            }
            boolean _ = StaleFiles.delete(place);
        } catch (IOException e) {
            throw PluralityException.storage("cannot delete " + place, e);
        }
    }

    private static List<String> leaseNames(CacheLayout layout, Digest digest) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(layout.leases(digest), "*" + LEASE_SUFFIX)) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                if (names.size() == MOST_LEASES) {
                    break;
                }
                names.add(name.substring(0, name.length() - LEASE_SUFFIX.length()));
            }
        } catch (NoSuchFileException e) {
            return names;
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        names.sort(null);
        return names;
    }
}
