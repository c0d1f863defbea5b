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
 * <p>Taking one that is there already, from another node of the same job, is a no-op. A lease is visible before {@link #take} returns, so
 * who takes it first and reads the entry then is never overtaken by a collector that looks at leases last.
 *
 * <p>In a site's cache the files are anybody's. So an id that another user has taken is not taken for one's own, and nothing is believed
 * that a file says but for who made it.
 */
public final class Leases {
    /** After this long nobody is making a lease of it any more, wherever that was. */
    private static final Duration LEFT = Duration.ofDays(1);

    /** How many names a launch looks at: strangers can make any number. */
    private static final int MOST_LOOKED_AT = 1000;

    private final CacheLayout layout;

    public Leases(CacheLayout layout) {
        this.layout = layout;
    }

    /**
     * Takes a lease: one create and one rename, and a mkdir if the image has no directory for leases.
     *
     * @throws PluralityException (STORAGE) when it cannot be written
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
     * Takes a lease where this user may take one. The owner of a cache where a user may take none keeps images by their age.
     *
     * @return empty when the system does not let this user take one there (EACCES, EPERM or EROFS)
     * @throws PluralityException (STORAGE) when it cannot be written for any other reason: the image must not be used then
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
     * Puts a lease in the place of one of the same id: readers see the old or the new. The file's time is the server's now.
     *
     * @throws PluralityException (STORAGE) when it is another user's
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

    /** @return whether there was one */
    public boolean release(Digest digest, LeaseId id) throws PluralityException {
        try {
            return Files.deleteIfExists(directory(digest).file(id));
        } catch (IOException e) {
            throw PluralityException.storage("cannot release the lease " + id, e);
        }
    }

    /**
     * Removes a lease that was judged, but not what has taken its name since: that is told once it has been renamed to a name of its own, and
     * gets its name back. Under the other it is a lease all the while, to be judged by what it says, and stays one where this process is killed.
     *
     * @return whether it was the one
     */
    public boolean release(FoundLease judged) throws PluralityException {
        Path file = judged.file();
        Path away = directory(judged.digest()).file(new LeaseId("reaped-" + UUID.randomUUID()));
        try {
            if (!isUnchanged(file, judged)) {
                return false;
            }
            if (!FileStat.of(file).isRegular()) {
                // Nobody's lease: a directory may stay for all that, and renamed each time it would pass for a use.
                return Files.deleteIfExists(file);
            }
            DurableFiles.rename(file, away);
            boolean isMeant = isUnchanged(away, judged);
            if (!isMeant) {
                // One that was renewed a second time meanwhile counts.
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

    /** Whether there is a file of that name; one stat. */
    public boolean exists(Digest digest, LeaseId id) {
        return Files.exists(directory(digest).file(id), LinkOption.NOFOLLOW_LINKS);
    }

    /** The user id of who made it. */
    public long owner(Digest digest, LeaseId id) throws IOException {
        return FileStat.of(directory(digest).file(id)).uid();
    }

    /** Whether a file among an image's leases is one by its name. Any other holds nothing. */
    public static boolean isLease(Path file) {
        return LeaseDirectory.idOf(file).isPresent();
    }

    /**
     * The leases of an image, by id, whoever made them.
     *
     * @param most of one user that are read, the newest
     * @throws PluralityException (STORAGE) when the directory cannot be read, or one that is there could not be
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
     * @param before when that was, by the server's clock
     * @return how many were removed
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
     * The leases of an image, by id, in a cache where nobody wants to deceive.
     *
     * @throws PluralityException (STORAGE) when a file cannot be read as one; the message names it
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
     * When somebody last began or ceased to need the image, by the server's clock: a lease that comes or goes changes its directory.
     *
     * @return the epoch when nobody ever has
     */
    public Instant lastChange(Digest digest) throws IOException {
        try {
            return Files.getLastModifiedTime(layout.leases(digest)).toInstant();
        } catch (NoSuchFileException e) {
            return Instant.EPOCH;
        }
    }

    /**
     * Marks the image as used now: a file comes and goes. On NFS this also makes this host look at the directory afresh, whatever it kept of
     * it.
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

    /** Where there is no room for a directory, nobody has a lease there: so this host has to see that it is still absent. */
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
     * Removes this user's leases of processes that have ended on this host, as far as they are among the first {@link #MOST_LOOKED_AT} names.
     * Reads no other user's file. What cannot be told, or not be removed, stays for the next launch or for a pass of expiry.
     */
    public void reapOwnEndedProcesses(Digest digest) {
        LeaseDirectory directory = directory(digest);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory.path())) {
            String own = Holder.LocalProcess.prefix(ProcessIdentity.current());
            int looks = 0;
            // Streamed: somebody else may have made a million names.
            for (Path file : files) {
                if (++looks > MOST_LOOKED_AT) {
                    return;
                }
                if (String.valueOf(file.getFileName()).startsWith(own)) {
                    reapIfEnded(file);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // Nobody has held it yet, or this user may not look: then another launch or a pass removes them.
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
            // Released at this moment, or not understood: a pass of expiry looks at it.
        }
    }

    /**
     * Removes what a killed process left of a lease that it was about to make. Failures are swallowed.
     *
     * @return whether there was any: then the directory has changed by this
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
            // They hold nothing: another pass tries again.
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
