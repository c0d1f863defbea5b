// SPDX-License-Identifier: Apache-2.0
package org.plurality.lease;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import org.plurality.cache.FileStat;
import org.plurality.cache.NotADocumentException;
import org.plurality.failure.PluralityException;
import org.plurality.reference.Digest;

/**
 * The directory of one image's leases. A file whose name is not that of a lease holds nothing.
 *
 * @param path of the directory, which need not exist
 */
record LeaseDirectory(Path path, Digest digest) {
    /**
     * Size in bytes of the largest file that is read as a lease. A lease with every member at its longest is smaller.
     */
    static final int MAX_BYTES = 4096;

    private static final String SUFFIX = ".json";

    Path file(LeaseId id) {
        return path.resolve(id.value() + SUFFIX);
    }

    /** Returns the id that a file's name contains; empty if the name is not that of a lease. */
    static Optional<LeaseId> idOf(Path file) {
        String name = String.valueOf(file.getFileName());
        if (!name.endsWith(SUFFIX)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new LeaseId(name.substring(0, name.length() - SUFFIX.length())));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** An action for each file with the name of a lease. */
    @FunctionalInterface
    private interface Visitor {
        void visit(LeaseId id, FileStat file) throws IOException;
    }

    /**
     * Visits all leases. The names are streamed, because another user can make a million files; only the visitor keeps
     * any of them in memory.
     */
    private void visit(Visitor visitor) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
            for (Path file : files) {
                Optional<LeaseId> id = idOf(file);
                if (id.isPresent()) {
                    try {
                        visitor.visit(id.get(), FileStat.of(file));
                    } catch (NoSuchFileException e) {
                        // The lease was released at this moment.
                    }
                }
            }
        } catch (NoSuchFileException e) {
            // No lease of the image was ever taken.
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private record Named(LeaseId id, long maker, Instant modified) {}

    /**
     * Returns the leases of all users, sorted by id.
     *
     * @param most number of leases that are read for each user, its newest ones; further leases are only counted
     * @throws IOException also if an existing lease could not be read, which does not tell whether it is valid
     */
    FoundLeases found(LeaseReader reader, int most) throws IOException {
        Map<Long, PriorityQueue<Named>> ofUser = new HashMap<>();
        Map<Long, Long> surplus = new HashMap<>();
        visit((id, file) -> {
            // If the kernel lets users link files of other users, the owner of the file may not be the user who made
            // the name.
            long maker = file.links() == 1 ? file.uid() : FoundLease.NOBODY;
            PriorityQueue<Named> newest =
                    ofUser.computeIfAbsent(maker, _ -> new PriorityQueue<>(Comparator.comparing(Named::modified)));
            newest.add(new Named(id, maker, file.modified()));
            if (newest.size() > most) {
                newest.remove();
                surplus.merge(maker, 1L, Long::sum);
            }
        });
        List<Named> names = new ArrayList<>();
        ofUser.values().forEach(names::addAll);
        names.sort(Comparator.comparing(name -> name.id().value()));
        List<FoundLease> found = new ArrayList<>(names.size());
        for (Named name : names) {
            try {
                found.add(read(name.id(), name.maker(), name.modified(), reader));
            } catch (NoSuchFileException e) {
                // The lease was released at this moment.
            }
        }
        return new FoundLeases(found, surplus);
    }

    /**
     * Removes the leases that a pass found to be surplus.
     *
     * @param makers users whose leases are removed
     * @param kept names that are not surplus
     * @param before start of the pass, by the server's clock; leases that were made or changed since then are kept
     * @return number of removed leases
     */
    long removeSurplus(Set<Long> makers, Set<String> kept, Instant before) throws IOException {
        long[] removed = {0};
        visit((id, file) -> {
            boolean isMeant =
                    makers.contains(file.links() == 1 ? file.uid() : FoundLease.NOBODY) && !kept.contains(id.value());
            // The owner of a file can set its mtime, but not its ctime.
            if (isMeant && changed(file(id)).isBefore(before)) {
                try {
                    removed[0] += Files.deleteIfExists(file(id)) ? 1 : 0;
                } catch (FileSystemException e) {
                    // The name is a directory that is not empty, or only the file's owner may remove it from this
                    // directory.
                }
            }
        });
        return removed[0];
    }

    private static Instant changed(Path file) throws IOException {
        return ((FileTime) Files.getAttribute(file, "unix:ctime", LinkOption.NOFOLLOW_LINKS)).toInstant();
    }

    private FoundLease read(LeaseId id, long maker, Instant modified, LeaseReader reader) throws IOException {
        Path file = file(id);
        byte[] document;
        try {
            document = reader.read(file, MAX_BYTES);
        } catch (NotADocumentException | AccessDeniedException e) {
            return unreadable(id, maker, modified, PluralityException.reasonOf(e));
        }
        try {
            Lease lease = Lease.parse(id, document);
            if (!lease.digest().equals(digest)) {
                throw new IOException("it is of " + lease.digest());
            }
            return new FoundLease(id, digest, file, maker, modified, lease, "");
        } catch (IOException e) {
            return unreadable(id, maker, modified, PluralityException.reasonOf(e));
        }
    }

    private FoundLease unreadable(LeaseId id, long maker, Instant modified, String problem) {
        return new FoundLease(id, digest, file(id), maker, modified, null, problem);
    }
}
