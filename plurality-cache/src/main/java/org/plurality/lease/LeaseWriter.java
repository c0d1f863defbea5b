// SPDX-License-Identifier: Apache-2.0
package org.plurality.lease;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.plurality.cache.CacheAccess;
import org.plurality.cache.CacheLayout;
import org.plurality.cache.CachePermissions;
import org.plurality.cache.DurableFiles;
import org.plurality.cache.FileStat;
import org.plurality.cache.OwnerTaggedName;

/**
 * Writes lease files, by the steps that {@code docs/cache-format.md} numbers under "The contract". The launcher has
 * the same in C; both are tested by {@code tests/lease-cases.txt}.
 */
final class LeaseWriter {
    /** Begins what is no lease yet. */
    static final String NEW = ".new";

    private static final String STALE = "Stale file handle";

    private final CacheLayout layout;
    private final LeaseDirectory directory;

    LeaseWriter(CacheLayout layout, LeaseDirectory directory) {
        this.layout = layout;
        this.directory = directory;
    }

    /** This user may take no lease there: the system refused to look, to create a file or to make the directory. */
    static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1;

        private final IOException reason;

        RefusedException(IOException reason) {
            super(reason);
            this.reason = reason;
        }

        IOException reason() {
            return reason;
        }
    }

    /**
     * Takes a lease, under another name if another user's file has its own.
     *
     * @throws RefusedException when this user may take none
     */
    Taken take(LeaseId id, byte[] document) throws IOException {
        long self = CacheAccess.self();
        LeaseId ofUser = id.with("-u" + self);
        // The last name cannot be guessed: an attacker may have taken the other two so that nobody gets them.
        for (LeaseId name : new LeaseId[] {id, ofUser}) {
            switch (look(name, self)) {
                case THERE -> {
                    return new Taken(name, false);
                }
                case FREE -> {
                    write(name, document);
                    return new Taken(name, true);
                }
                case IN_THE_WAY -> {}
            }
        }
        LeaseId unguessed = id.with("-" + OwnerTaggedName.random());
        write(unguessed, document);
        return new Taken(unguessed, true);
    }

    private enum Look {
        THERE,
        FREE,
        IN_THE_WAY
    }

    /**
     * Another node of the job may have been first. A lease of another user, who could remove it again, does not
     * count.
     */
    private Look look(LeaseId id, long self) throws IOException {
        Path file = directory.file(id);
        try {
            FileStat found = FileStat.of(file);
            boolean isOwn = found.uid() == self;
            boolean isTrusted = isOwn || found.uid() == 0 || found.uid() == CacheAccess.owner(layout);
            if (found.isRegular() && isTrusted && !isEmpty(file)) {
                return Look.THERE;
            }
            return isOwn && !found.isDirectory() ? Look.FREE : Look.IN_THE_WAY;
        } catch (NoSuchFileException e) {
            return Look.FREE;
        } catch (IOException e) {
            throw isRefusal(e) ? new RefusedException(e) : e;
        }
    }

    private static boolean isEmpty(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                        .size()
                == 0;
    }

    /** Readers see the old lease of that name, if there is one, or the new one, and never a part of it. */
    void write(LeaseId id, byte[] document) throws IOException {
        Path scratch = OwnerTaggedName.in(directory.path(), NEW);
        try {
            try (SeekableByteChannel channel = create(scratch)) {
                shareWhereAllowed(scratch);
                ByteBuffer buffer = ByteBuffer.wrap(document);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
            }
            DurableFiles.rename(scratch, directory.file(id));
        } catch (IOException e) {
            deleteLeftover(scratch, e);
            throw e;
        }
    }

    private static void deleteLeftover(Path scratch, IOException failure) {
        try {
            Files.deleteIfExists(scratch);
        } catch (IOException e) {
            // Under that name it is no lease, and a pass removes it.
            failure.addSuppressed(e);
        }
    }

    private SeekableByteChannel create(Path scratch) throws IOException {
        try {
            try {
                return open(scratch);
            } catch (FileSystemException e) {
                if (!(e instanceof NoSuchFileException) && !STALE.equals(e.getReason())) {
                    throw e;
                }
                CachePermissions.createLeaseDirectory(layout, directory.digest());
                return open(scratch);
            }
        } catch (IOException e) {
            throw isRefusal(e) ? new RefusedException(e) : e;
        }
    }

    private static SeekableByteChannel open(Path scratch) throws IOException {
        return Files.newByteChannel(
                scratch,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    /** A lease that others cannot read holds, too: some filesystems allow no change of modes. */
    private static void shareWhereAllowed(Path scratch) {
        try {
            CachePermissions.shareFile(scratch);
        } catch (IOException e) {
            // Its readers are fewer; that it is there is what counts.
        }
    }

    /**
     * EACCES, EPERM or EROFS. The JDK has an exception for the first, and only the C library's words for the others.
     */
    private static boolean isRefusal(IOException failure) {
        return failure instanceof AccessDeniedException
                || (failure instanceof FileSystemException e
                        && ("Operation not permitted".equals(e.getReason())
                                || "Read-only file system".equals(e.getReason())));
    }
}
