package org.plurality.lease;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.plurality.cache.UnfitFileException;
import org.plurality.cache.UnixFile;
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

    /** In order. */
    List<LeaseId> ids() throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
            for (Path file : files) {
                // No lambda: a launch comes by here, and would pay for its bootstrap.
                Optional<LeaseId> id = idOf(file);
                if (id.isPresent()) {
                    names.add(id.get().value());
                }
            }
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        names.sort(null);
        List<LeaseId> ids = new ArrayList<>(names.size());
        for (String name : names) {
            ids.add(new LeaseId(name));
        }
        return ids;
    }

    /**
     * By id, whoever made them.
     *
     * @param most of one user that are read; more are found as unreadable
     * @throws IOException also when one that is there could not be read, which says nothing of whether it holds
     */
    List<FoundLease> found(LeaseReader reader, int most) throws IOException {
        List<FoundLease> found = new ArrayList<>();
        Map<Long, Integer> ofUser = new HashMap<>();
        for (LeaseId id : ids()) {
            Path file = file(id);
            try {
                UnixFile made = UnixFile.of(file);
                // Where the kernel lets strangers link files, the file may be another's, the name theirs.
                long maker = made.links() == 1 ? made.uid() : FoundLease.NOBODY;
                boolean isRead = ofUser.merge(maker, 1, Integer::sum) <= most;
                found.add(
                        isRead
                                ? read(id, maker, made.modified(), reader)
                                : unreadable(id, maker, made.modified(), "one of too many"));
            } catch (NoSuchFileException e) {
                // Released at this moment.
            }
        }
        return found;
    }

    private FoundLease read(LeaseId id, long maker, Instant modified, LeaseReader reader) throws IOException {
        Path file = file(id);
        byte[] document;
        try {
            document = reader.read(file, MAX_BYTES);
        } catch (UnfitFileException | AccessDeniedException e) {
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
