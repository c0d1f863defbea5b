// SPDX-License-Identifier: Apache-2.0
package org.plurality.pull;

import java.time.Duration;
import java.util.Optional;
import org.plurality.cache.Cache;
import org.plurality.cache.Entry;
import org.plurality.cache.HeartbeatLock;
import org.plurality.display.Progress;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.failure.Printable;
import org.plurality.reference.Digest;

/**
 * Lets one of the processes that want an image stage it in, and the others wait for it, or take over when it dies. Only saves work: two
 * that work at once both succeed.
 */
final class SingleFlight {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    private final Cache cache;
    private final String what;
    private final Progress progress;

    /** @param what is pulled, for those who ask */
    SingleFlight(Cache cache, String what, Progress progress) {
        this.cache = cache;
        this.what = what;
        this.progress = progress;
    }

    /** What the chosen caller does. */
    @FunctionalInterface
    interface Work {
        Entry run() throws PluralityException;
    }

    /**
     * @param entry of the image
     * @param own whether this caller did the work
     */
    record Landed(Entry entry, boolean own) {}

    Landed run(Digest digest, Work work) throws PluralityException {
        return run(digest, "", work);
    }

    /** @param but a publication that does not count as the image: it is to be replaced */
    Landed run(Digest digest, String but, Work work) throws PluralityException {
        String name = "pull-" + digest.hex();
        Duration pause = FIRST_PAUSE;
        boolean told = false;
        while (true) {
            Optional<HeartbeatLock> lock = HeartbeatLock.tryAcquire(cache.layout(), name, what);
            if (lock.isPresent()) {
                return runHolding(lock.get(), digest, but, work);
            }
            if (!told) {
                Optional<HeartbeatLock.Owner> owner = HeartbeatLock.owner(cache.layout(), name);
                owner.ifPresent(who -> progress.phase(Printable.line("waiting for " + who.user() + "'s process "
                        + who.process().pid() + " on " + who.process().host() + ", which stages in the same image")));
                told = owner.isPresent();
            }
            sleep(pause);
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
            Optional<Entry> published = find(digest, but);
            if (published.isPresent()) {
                return new Landed(published.get(), false);
            }
        }
    }

    private Optional<Entry> find(Digest digest, String but) throws PluralityException {
        try {
            return cache.find(digest)
                    .filter(entry -> !entry.document().publication().equals(but));
        } catch (PluralityException e) {
            if (but.isEmpty()) {
                throw e;
            }
            // Its document is what is damaged.
            return Optional.empty();
        }
    }

    private Landed runHolding(HeartbeatLock lock, Digest digest, String but, Work work) throws PluralityException {
        try {
            Optional<Entry> published = find(digest, but);
            return published.isPresent() ? new Landed(published.get(), false) : new Landed(work.run(), true);
        } finally {
            // An interrupted thread cannot read files, and closing reads the lock.
            boolean interrupted = Thread.interrupted();
            lock.close();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void sleep(Duration pause) throws PluralityException {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PluralityException(
                    FailureKind.INTERRUPTED, "cannot wait for the image: interrupted", "run it again", e);
        }
    }
}
