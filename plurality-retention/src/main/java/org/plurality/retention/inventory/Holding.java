// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.inventory;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.plurality.cache.Cache;
import org.plurality.cache.CacheAccess;
import org.plurality.cache.ServerClock;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.lease.Holder;
import org.plurality.lease.Lease;
import org.plurality.lease.LeaseId;
import org.plurality.lease.Leases;
import org.plurality.lease.Taken;
import org.plurality.reference.Digest;

/** Leases by name, in the caches that one can see: taken, renewed and released by people and schedulers. */
public final class Holding {
    private final List<Cache> caches;

    /** @param caches in the order of look-up */
    public Holding(List<Path> caches) throws PluralityException {
        this.caches = new ArrayList<>();
        for (Path root : caches) {
            Cache.open(root).ifPresent(this.caches::add);
        }
    }

    /** A lease and where it is. */
    public record Held(Cache cache, Digest digest, LeaseId id) {}

    /**
     * The filesystem's time, told by a file in the image's own directory of leases, where who may take one may make one.
     */
    public static Instant now(Image image) throws PluralityException {
        Path directory = image.cache().layout().leases(image.entry().document().digest());
        try {
            Path probed = Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                    ? directory
                    : image.cache().layout().tmp();
            return new ServerClock(probed).now();
        } catch (IOException e) {
            throw PluralityException.storage("cannot take a lease in " + directory, e);
        }
    }

    /** By the filesystem server's clock, for who may write to the cache. */
    public static Instant now(Cache cache) throws PluralityException {
        try {
            return new ServerClock(cache.layout().tmp()).now();
        } catch (IOException e) {
            throw PluralityException.storage(
                    "cannot tell the time of " + cache.layout().tmp(), e);
        }
    }

    /** Likewise, told where a lease of this user is. */
    public Instant now(LeaseId id) throws PluralityException {
        Held held = own(id).get(0);
        try {
            return new ServerClock(held.cache().layout().leases(held.digest())).now();
        } catch (IOException e) {
            throw PluralityException.storage("cannot renew the lease " + id, e);
        }
    }

    /**
     * Takes a lease on an image that is staged in, and looks that it still is.
     *
     * @throws PluralityException (NOT_FOUND) when it went meanwhile. A lease that other processes may have taken, too, stays: one of them
     *     may have found the image, and counts on it
     */
    public static LeaseId take(Image image, LeaseId id, Holder holder) throws PluralityException {
        Digest digest = image.entry().document().digest();
        Leases leases = new Leases(image.cache().layout());
        Taken taken = leases.take(lease(digest, id, holder));
        if (image.cache().find(digest).isEmpty()) {
            if (taken.isNew() && holder instanceof Holder.LocalProcess) {
                leases.release(digest, taken.id());
            }
            throw new PluralityException(
                    FailureKind.NOT_FOUND,
                    "cannot hold " + digest + ": it was removed at this moment",
                    "stage it in again with 'plurality-stagein pull'");
        }
        return taken.id();
    }

    /** Puts the holder in the place of the old one in all leases of that id that are this user's. */
    public List<Held> renew(LeaseId id, Holder holder) throws PluralityException {
        List<Held> own = own(id);
        for (Held held : own) {
            new Leases(held.cache().layout()).replace(lease(held.digest(), id, holder));
        }
        return own;
    }

    /** @throws PluralityException (NOT_FOUND) when there is none of that id, (STORAGE) when one is another user's */
    public List<Held> release(LeaseId id) throws PluralityException {
        List<Held> found = find(id);
        if (found.isEmpty()) {
            throw notFound(id);
        }
        for (Held held : found) {
            new Leases(held.cache().layout()).release(held.digest(), id);
        }
        return found;
    }

    private List<Held> own(LeaseId id) throws PluralityException {
        List<Held> own = new ArrayList<>();
        try {
            long self = CacheAccess.self();
            for (Held held : find(id)) {
                if (new Leases(held.cache().layout()).owner(held.digest(), id) == self) {
                    own.add(held);
                }
            }
        } catch (IOException e) {
            throw PluralityException.storage("cannot look at the lease " + id, e);
        }
        if (own.isEmpty()) {
            throw notFound(id);
        }
        return own;
    }

    /** One stat for each image that anybody ever held. */
    private List<Held> find(LeaseId id) throws PluralityException {
        List<Held> found = new ArrayList<>();
        for (Cache cache : caches) {
            Leases leases = new Leases(cache.layout());
            for (Digest digest : leased(cache)) {
                if (leases.exists(digest, id)) {
                    found.add(new Held(cache, digest, id));
                }
            }
        }
        return found;
    }

    /** The images that have a directory of leases, whether or not they are there. */
    public static List<Digest> leased(Cache cache) throws PluralityException {
        List<Digest> digests = new ArrayList<>();
        try (DirectoryStream<Path> directories =
                Files.newDirectoryStream(cache.layout().leases())) {
            for (Path directory : directories) {
                for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
                    try {
                        digests.add(new Digest(algorithm, String.valueOf(directory.getFileName())));
                    } catch (IllegalArgumentException e) {
                        // Not this one's.
                    }
                }
            }
        } catch (NoSuchFileException e) {
            return digests;
        } catch (IOException | DirectoryIteratorException e) {
            throw PluralityException.storage(
                    "cannot list the leases in " + cache.layout().root(), new IOException(e));
        }
        digests.sort(null);
        return digests;
    }

    /** Takes a lease on what is staged in, or will be: it holds from the moment that the image is there. */
    public static LeaseId takeAhead(Cache cache, Digest digest, LeaseId id, Holder holder) throws PluralityException {
        return new Leases(cache.layout()).take(lease(digest, id, holder)).id();
    }

    private static Lease lease(Digest digest, LeaseId id, Holder holder) {
        return new Lease(id, digest, holder, System.getProperty("user.name", "?"), Instant.now());
    }

    private static PluralityException notFound(LeaseId id) {
        return new PluralityException(
                FailureKind.NOT_FOUND,
                "cannot find a lease " + id + " of yours",
                "'plurality-stagein lease list' shows what there is");
    }
}
