// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.plurality.cache.Cache;
import org.plurality.cache.Entry;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.lease.Holder;
import org.plurality.lease.Lease;
import org.plurality.lease.LeaseId;
import org.plurality.lease.Leases;
import org.plurality.reference.Digest;

/**
 * Keeps the entry under a container's overlay: a lease with a date, which every run puts off. Who leaves a container alone for longer than {@link
 * #TERM} may lose the image under it; a run says so then, and staging the image in again mends it, for what the container wrote is
 * its own.
 */
final class LayerLease {
    static final Duration TERM = Duration.ofDays(90);

    private LayerLease() {}

    static void take(Entry entry, Container container, Path place) throws PluralityException {
        Digest digest = entry.document().digest();
        Leases leases = new Leases(entry.layout());
        LeaseId id = id(container.name(), place);
        // A lease that is there stays as it is, so it is made anew, under the cover of another.
        LeaseId cover = new LeaseId(id.value() + "-renewal");
        leases.take(lease(cover, digest));
        leases.release(digest, id);
        leases.take(lease(id, digest));
        leases.release(digest, cover);
    }

    private static Lease lease(LeaseId id, Digest digest) {
        Instant now = Instant.now();
        return new Lease(id, digest, new Holder.Until(now.plus(TERM)), System.getProperty("user.name", "?"), now);
    }

    /** @throws PluralityException (NOT_FOUND) when the entry is gone */
    static void renew(Container container) throws PluralityException {
        Optional<ContainerDocument> document = container.document();
        if (document.isEmpty() || document.get().cache() == null) {
            return;
        }
        Path root = document.get().cache();
        Optional<Cache> cache = Files.isDirectory(root) ? Cache.open(root) : Optional.empty();
        if (cache.isPresent()) {
            Optional<Entry> entry = cache.get().find(document.get().digest());
            if (entry.isPresent()) {
                take(entry.get(), container, container.directory());
                return;
            }
        }
        throw new PluralityException(
                FailureKind.NOT_FOUND,
                "cannot run " + container.name() + ": the image under its overlay is no longer in " + root,
                "stage it in again, what the container wrote is kept: plurality pull --cache " + root + " "
                        + document.get().image());
    }

    /** Gives the image free; that it stays held a while when this fails harms nobody. */
    static void release(Container container) throws PluralityException {
        Optional<ContainerDocument> document = container.document();
        if (document.isEmpty() || document.get().cache() == null) {
            return;
        }
        Optional<Cache> cache = Cache.open(document.get().cache());
        if (cache.isPresent()) {
            new Leases(cache.get().layout())
                    .release(document.get().digest(), id(container.name(), container.directory()));
        }
    }

    private static LeaseId id(ContainerName name, Path place) {
        return new LeaseId(
                "container-" + name + "-" + Integer.toHexString(place.toString().hashCode()));
    }
}
