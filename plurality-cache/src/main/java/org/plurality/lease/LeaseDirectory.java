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
 * The leases of one image, read. Files that have no lease's name hold nothing.
 *
 * @param path of the directory, which need not be there
 */
record LeaseDirectory(Path path, Digest digest) {
    /** Largest file that is read as a lease; one with every member at its longest is below it. */
    static final int MAX_BYTES = 4096;

    private static final String SUFFIX = ".json";

    Path file(LeaseId id) {
        return path.resolve(id.value() + SUFFIX);
    }

    /** The lease that a file is by its name; empty for none. */
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

    /** What is done with each name that is a lease's. */
    @FunctionalInterface
    private interface Visitor {
        void visit(LeaseId id, FileStat file) throws IOException;
    }

    /** Streamed, because a stranger can make a million files: nothing is kept of those that the visitor does not keep. */
    private void visit(Visitor visitor) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
            for (Path file : files) {
                Optional<LeaseId> id = idOf(file);
                if (id.isPresent()) {
                    try {
                        visitor.visit(id.get(), FileStat.of(file));
                    } catch (NoSuchFileException e) {
                        // Released at this moment.
                    }
                }
            }
        } catch (NoSuchFileException e) {
            // Nobody has held it yet.
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private record Named(LeaseId id, long maker, Instant modified) {}

    /**
     * By id, whoever made them.
     *
     * @param most of one user that are read, the newest; of those beyond it nothing but their number is found
     * @throws IOException also when one that is there could not be read, which says nothing of whether it holds
     */
    FoundLeases found(LeaseReader reader, int most) throws IOException {
        Map<Long, PriorityQueue<Named>> ofUser = new HashMap<>();
        Map<Long, Long> surplus = new HashMap<>();
        visit((id, file) -> {
            // Where the kernel lets strangers link files, the file may be another's, the name theirs.
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
                // Released at this moment.
            }
        }
        return new FoundLeases(found, surplus);
    }

    /**
     * Removes what a pass found to be surplus.
     *
     * @param makers whose
     * @param kept names that are not surplus
     * @param before when the pass began, by the server's clock: what came or changed since is not judged yet
     * @return how many were removed
     */
    long removeSurplus(Set<Long> makers, Set<String> kept, Instant before) throws IOException {
        long[] removed = {0};
        visit((id, file) -> {
            boolean isMeant =
                    makers.contains(file.links() == 1 ? file.uid() : FoundLease.NOBODY) && !kept.contains(id.value());
            // A file's owner may set its time of modification, but not that of its last change.
            if (isMeant && changed(file(id)).isBefore(before)) {
                try {
                    removed[0] += Files.deleteIfExists(file(id)) ? 1 : 0;
                } catch (FileSystemException e) {
                    // A directory with something in it, or in a directory where only its owner may remove it.
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
