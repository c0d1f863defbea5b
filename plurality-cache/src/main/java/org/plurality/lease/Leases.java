// SPDX-License-Identifier: Apache-2.0
package org.plurality.lease;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.plurality.cache.CacheAccess;
import org.plurality.cache.CacheLayout;
import org.plurality.cache.CachePermissions;
import org.plurality.cache.DurableFiles;
import org.plurality.cache.FileStat;
import org.plurality.cache.OwnerTaggedName;
import org.plurality.failure.PluralityException;
import org.plurality.process.ProcessIdentity;
import org.plurality.reference.Digest;

/**
 * The leases in one cache.
 *
 * <p>Taking a lease that exists already, from another node of the same job, is a no-op. A lease is visible before
 * {@link #take} returns. So if a process takes the lease first and then reads the entry, a collector that looks at the
 * leases last cannot overtake it.
 *
 * <p>In a site's cache any user can make files. So the id of another user's lease is not accepted as one's own, and of
 * a file only its maker is trusted, not its content.
 */
public final class Leases {
    /** Age after which no process on any host can still be turning a temporary file into a lease. */
    private static final Duration LEFT = Duration.ofDays(1);

    /** Number of names that a launch looks at. Other users can make any number. */
    private static final int MOST_LOOKED_AT = 1000;

    private final CacheLayout layout;

    public Leases(CacheLayout layout) {
        this.layout = layout;
    }

    /**
     * Takes a lease. Costs one create and one rename, and a mkdir if the image has no directory for leases.
     *
     * @throws PluralityException (STORAGE) if it cannot be written
     */
    public Taken take(Lease lease) throws PluralityException {
        LeaseDirectory directory = directory(lease.digest());
        try {
            return writer(directory).take(lease.id(), lease.toJson());
        } catch (LeaseWriter.RefusedException e) {
            throw PluralityException.storage("cannot take a lease in " + directory.path(), e.reason());
        } catch (IOException e) {
            throw PluralityException.storage("cannot take a lease in " + directory.path(), e);
        }
    }

    /**
     * Takes a lease if this user may take one. In a cache where a user may take none, the owner keeps images by their
     * age.
     *
     * @return empty if the system does not let this user take a lease there (EACCES, EPERM or EROFS)
     * @throws PluralityException (STORAGE) if it cannot be written for any other reason; the image must not be used
     *     then
     */
    public Optional<Taken> takeIfAllowed(Lease lease) throws PluralityException {
        LeaseDirectory directory = directory(lease.digest());
        try {
            return Optional.of(writer(directory).take(lease.id(), lease.toJson()));
        } catch (LeaseWriter.RefusedException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw PluralityException.storage("cannot take a lease in " + directory.path(), e);
        }
    }

    /**
     * Replaces a lease of the same id. Readers see the old lease or the new one. The file's time becomes the server's
     * current time.
     *
     * @throws PluralityException (STORAGE) if the lease is another user's
     */
    public void replace(Lease lease) throws PluralityException {
        LeaseDirectory directory = directory(lease.digest());
        try {
            writer(directory).write(lease.id(), lease.toJson());
        } catch (LeaseWriter.RefusedException e) {
            throw PluralityException.storage("cannot renew the lease " + lease.id(), e.reason());
        } catch (IOException e) {
            throw PluralityException.storage("cannot renew the lease " + lease.id(), e);
        }
    }

    /** @return whether the lease existed */
    public boolean release(Digest digest, LeaseId id) throws PluralityException {
        try {
            return Files.deleteIfExists(directory(digest).file(id));
        } catch (IOException e) {
            throw PluralityException.storage("cannot release the lease " + id, e);
        }
    }

    /**
     * Removes a lease that was judged, but not a lease that has replaced it since then. To tell them apart, this
     * renames the file to a unique name and looks at it again; a replacement gets its name back. Under the unique name
     * the file still is a lease with the same content, and it remains one if this process is killed.
     *
     * @return whether the judged lease was removed
     */
    public boolean release(FoundLease judged) throws PluralityException {
        Path file = judged.file();
        Path away = directory(judged.digest()).file(new LeaseId("reaped-" + UUID.randomUUID()));
        try {
            if (!isUnchanged(file, judged)) {
                return false;
            }
            if (!FileStat.of(file).isRegular()) {
                // This is no user's lease. A directory may be impossible to remove; renaming it each time would look
                // like a use of the image.
                return Files.deleteIfExists(file);
            }
            DurableFiles.rename(file, away);
            boolean isMeant = isUnchanged(away, judged);
            if (!isMeant) {
                // If the lease was renewed once more in the meantime, the newest one counts.
                DurableFiles.putBack(away, file);
            }
            Files.deleteIfExists(away);
            return isMeant;
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw PluralityException.storage("cannot release the lease " + judged.id(), e);
        }
    }

    private static boolean isUnchanged(Path file, FoundLease judged) throws IOException {
        return FileStat.of(file).modified().equals(judged.modified());
    }

    /** Tells whether there is a file of that name. Costs one stat. */
    public boolean exists(Digest digest, LeaseId id) {
        return Files.exists(directory(digest).file(id), LinkOption.NOFOLLOW_LINKS);
    }

    /** Returns the user id of the lease's maker. */
    public long owner(Digest digest, LeaseId id) throws IOException {
        return FileStat.of(directory(digest).file(id)).uid();
    }

    /** Tells whether a file among an image's leases has the name of a lease. Any other file holds nothing. */
    public static boolean isLease(Path file) {
        return LeaseDirectory.idOf(file).isPresent();
    }

    /**
     * Returns the leases of an image by all users, sorted by id.
     *
     * @param most number of leases that are read for each user, its newest ones
     * @throws PluralityException (STORAGE) if the directory or an existing lease cannot be read
     */
    public FoundLeases found(Digest digest, LeaseReader reader, int most) throws PluralityException {
        try {
            return directory(digest).found(reader, most);
        } catch (IOException e) {
            throw PluralityException.storage("cannot read the leases of " + digest, e);
        }
    }

    /**
     * Removes the surplus that {@link #found} counted, without reading it.
     *
     * @param makers users who have more files than are read
     * @param found the files that were read
     * @param before when they were read, by the server's clock
     * @return number of removed files
     */
    public long removeSurplus(Digest digest, Set<Long> makers, List<FoundLease> found, Instant before)
            throws PluralityException {
        Set<String> kept = new HashSet<>();
        for (FoundLease lease : found) {
            kept.add(lease.id().value());
        }
        try {
            return directory(digest).removeSurplus(makers, kept, before);
        } catch (IOException e) {
            throw PluralityException.storage("cannot clear up among the leases of " + digest, e);
        }
    }

    /**
     * Returns the leases of an image, sorted by id, in a cache where no user is expected to forge leases.
     *
     * @throws PluralityException (STORAGE) if a file cannot be read as a lease; the message names it
     */
    public List<Lease> of(Digest digest) throws PluralityException {
        List<Lease> leases = new ArrayList<>();
        for (FoundLease found :
                found(digest, LeaseReader::readOwn, Integer.MAX_VALUE).leases()) {
            if (found.lease() == null) {
                throw PluralityException.storage(
                        "cannot read the leases of " + digest,
                        new IOException(found.file().getFileName() + ": " + found.problem()));
            }
            leases.add(found.lease());
        }
        return leases;
    }

    /**
     * Returns the time at which a lease of the image was last taken or released, by the server's clock. Both change
     * the image's lease directory.
     *
     * @return the epoch if no lease was ever taken
     */
    public Instant lastChange(Digest digest) throws IOException {
        try {
            return Files.getLastModifiedTime(layout.leases(digest)).toInstant();
        } catch (NoSuchFileException e) {
            return Instant.EPOCH;
        }
    }

    /**
     * Marks the image as used now, by creating and removing a file. On NFS this also makes this host drop its cached
     * copy of the directory.
     */
    public void touch(Digest digest) throws IOException {
        Path probe = OwnerTaggedName.in(layout.leases(digest), LeaseWriter.NEW);
        try {
            Files.createFile(probe);
        } catch (NoSuchFileException e) {
            try {
                CachePermissions.createLeaseDirectory(layout, digest);
            } catch (IOException full) {
                lookAtAll(digest, full);
                return;
            }
            Files.createFile(probe);
        }
        Files.deleteIfExists(probe);
    }

    /**
     * Checks that the image still has no lease directory. If there is no room to create it, no user has a lease in it;
     * this host must see that on the server.
     */
    private void lookAtAll(Digest digest, IOException full) throws IOException {
        Path probe =
                OwnerTaggedName.in(layout.leases(digest).resolveSibling(".").normalize(), LeaseWriter.NEW);
        try {
            Files.createFile(probe);
            Files.delete(probe);
        } catch (IOException e) {
            full.addSuppressed(e);
            throw full;
        }
        if (Files.exists(layout.leases(digest), LinkOption.NOFOLLOW_LINKS)) {
            throw full;
        }
    }

    /**
     * Removes this user's leases of processes that have ended on this host, if they are among the first {@link
     * #MOST_LOOKED_AT} names. Reads no other user's file. A lease that cannot be judged or removed stays for the next
     * launch or expiry pass.
     */
    public void reapOwnEndedProcesses(Digest digest) {
        LeaseDirectory directory = directory(digest);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory.path())) {
            String own = Holder.LocalProcess.prefix(ProcessIdentity.current());
            int looks = 0;
            // The names are streamed, because another user may have made a million of them.
            for (Path file : files) {
                if (++looks > MOST_LOOKED_AT) {
                    return;
                }
                if (String.valueOf(file.getFileName()).startsWith(own)) {
                    reapIfEnded(file);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // No lease was ever taken, or this user may not list the directory. Another launch or an expiry pass
            // removes the leases.
        }
    }

    private static void reapIfEnded(Path file) {
        try {
            Optional<LeaseId> id = LeaseDirectory.idOf(file);
            if (id.isPresent()
                    && FileStat.of(file).uid() == CacheAccess.self()
                    && hasEnded(Lease.parse(id.get(), LeaseReader.readOwn(file, LeaseDirectory.MAX_BYTES)))) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            // The lease was released at this moment, or it cannot be parsed. An expiry pass looks at it.
        }
    }

    /**
     * Removes the temporary files of processes that were killed while taking a lease. Failures are ignored.
     *
     * @return whether a file was removed, which changes the directory's time
     */
    public boolean sweepLeftovers(Digest digest, Instant now) {
        boolean any = false;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(layout.leases(digest), "*~*")) {
            for (Path file : files) {
                Optional<ProcessIdentity> owner = OwnerTaggedName.ownerOf(file);
                if (owner.isEmpty()
                        || owner.get().liveness() == ProcessIdentity.Liveness.ENDED
                        || FileStat.of(file).modified().isBefore(now.minus(LEFT))) {
                    any |= Files.deleteIfExists(file);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // These files hold nothing. Another pass tries again.
        }
        return any;
    }

    private static boolean hasEnded(Lease lease) throws IOException {
        return lease.holder() instanceof Holder.LocalProcess process
                && process.identity().liveness() == ProcessIdentity.Liveness.ENDED;
    }

    private LeaseWriter writer(LeaseDirectory directory) {
        return new LeaseWriter(layout, directory);
    }

    private LeaseDirectory directory(Digest digest) {
        return new LeaseDirectory(layout.leases(digest), digest);
    }
}
