// SPDX-License-Identifier: Apache-2.0
package org.plurality.app.pull;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plurality.cache.Cache;
import org.plurality.cache.Pins;
import org.plurality.config.Settings;
import org.plurality.display.Progress;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.health.events.Event;
import org.plurality.health.events.EventLog;
import org.plurality.lease.Holder;
import org.plurality.lease.LeaseId;
import org.plurality.lease.Leases;
import org.plurality.pull.PullRequest;
import org.plurality.pull.PullResult;
import org.plurality.pull.Puller;
import org.plurality.reference.Digest;
import org.plurality.retention.inventory.Holding;
import org.plurality.retention.inventory.Image;

/**
 * Pulls, and sees to it that what was pulled stays: marks it as used, pins it, takes a lease. Where an expiry took the image between the pull
 * and that, it is pulled again. Writes every pull into the cache's log.
 */
public final class LoggedPuller {
    private static final int ATTEMPTS = 3;

    private final Puller puller;
    private final Cache cache;
    private final EventLog log;
    private final Clock clock = Clock.systemUTC();

    public LoggedPuller(Puller puller, Cache cache) {
        this.puller = puller;
        this.cache = cache;
        this.log = new EventLog(cache.layout(), clock);
    }

    public static LoggedPuller of(PullerFactory graph, UnpackSettings unpacking, Settings settings)
            throws PluralityException {
        return new LoggedPuller(graph.puller(unpacking), Cache.openOrCreate(settings.cache()));
    }

    /** Says who is to hold an image, and by which name. */
    @FunctionalInterface
    public interface Hold {
        Lease of(Instant now) throws PluralityException;
    }

    /** A holder and its lease's name. */
    public record Lease(LeaseId id, Holder holder) {}

    /** @param hold null for no lease */
    public PullResult pull(PullRequest request, boolean pin, @Nullable Hold hold, Progress progress)
            throws PluralityException {
        for (int attempt = 1; ; attempt++) {
            PullResult result = logged(request, progress);
            Digest digest = result.entry().document().digest();
            markUsed(digest);
            if (!pin && hold == null) {
                return result;
            }
            if (pin) {
                new Pins(cache.layout()).pin(digest, System.getProperty("user.name", "?"), clock.instant());
            }
            try {
                if (hold != null) {
                    Image image = new Image(cache, result.entry(), List.of());
                    Lease lease = hold.of(Holding.now(image));
                    Holding.take(image, lease.id(), lease.holder());
                }
                if (cache.find(digest).isPresent()) {
                    return result;
                }
            } catch (PluralityException e) {
                if (e.kind() != FailureKind.NOT_FOUND || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private PullResult logged(PullRequest request, Progress progress) throws PluralityException {
        Instant began = clock.instant();
        try {
            PullResult result = puller.pull(request, progress);
            boolean hit = result.alreadyPresent();
            log.log(
                    hit ? Event.Kind.HIT : Event.Kind.MISS,
                    result.entry().document().digest().toString(),
                    request.source().toString(),
                    hit ? 0 : result.entry().document().bytes(),
                    Duration.between(began, clock.instant()).toMillis(),
                    "");
            return result;
        } catch (PluralityException e) {
            long millis = Duration.between(began, clock.instant()).toMillis();
            log.log(Event.Kind.PULL_FAILED, "", request.source().toString(), 0, millis, e.getMessage());
            throw e;
        }
    }

    /** In a cache that one may only read it is its owner's matter what stays. */
    private void markUsed(Digest digest) {
        try {
            new Leases(cache.layout()).touch(digest);
        } catch (IOException e) {
            // It was found all the same.
        }
    }
}
