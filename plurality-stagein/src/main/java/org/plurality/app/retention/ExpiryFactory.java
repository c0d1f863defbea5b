// SPDX-License-Identifier: Apache-2.0
package org.plurality.app.retention;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.plurality.cache.Cache;
import org.plurality.cache.ServerClock;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.health.events.EventLog;
import org.plurality.retention.expiry.Collector;
import org.plurality.retention.expiry.ExpiryPass;
import org.plurality.retention.expiry.ExpiryPolicy;
import org.plurality.retention.expiry.ExpiryRule;
import org.plurality.retention.expiry.Pause;
import org.plurality.retention.leases.LeaseKeeper;
import org.plurality.retention.leases.LeaseLimits;

/** Puts an expiry together from settings. */
public final class ExpiryFactory {
    private static final Duration USUAL_WAIT = Duration.ofSeconds(75);
    private static final Duration USUAL_KEEP_BLOBS = Duration.ofDays(1);
    private static final Duration USUAL_SCHEDULER_TIMEOUT = Duration.ofSeconds(20);

    private ExpiryFactory() {}

    /** The cache that is set. */
    public static Cache existing(Settings settings, String action) throws PluralityException {
        return Cache.open(settings.cache())
                .orElseThrow(() -> new PluralityException(
                        FailureKind.NOT_FOUND,
                        action + " " + settings.cache() + ": there is no cache",
                        "name one with --cache or PLURALITY_CACHE"));
    }

    /**
     * The time by which leases in a cache are judged: the server's. Only a process that may write to the cache can tell
     * it; any other goes by the clock of its host, which is said.
     */
    public static Instant now(Cache cache, PrintStream err) {
        try {
            return new ServerClock(cache.layout().tmp()).now();
        } catch (IOException e) {
            err.println("the cache may not be written to: times are by this host's clock");
            return Instant.now();
        }
    }

    public static LeaseKeeper keeper(Cache cache, Settings settings) throws PluralityException {
        LeaseLimits usual = LeaseLimits.DEFAULT;
        return new LeaseKeeper(
                cache.layout(),
                new LeaseLimits(
                        settings.duration(Key.LEASE_MAX_AGE, usual.maxAge()),
                        (int) settings.number(Key.LEASE_MAX_PER_USER, usual.mostPerUser(), 0, 1_000_000),
                        settings.duration(Key.LEASE_GRACE, usual.grace())),
                settings.duration(Key.SCHEDULER_TIMEOUT, USUAL_SCHEDULER_TIMEOUT));
    }

    public static Duration wait(Settings settings) throws PluralityException {
        return settings.duration(Key.EXPIRE_WAIT, USUAL_WAIT);
    }

    public static Collector collector(Cache cache, Settings settings, Pause pause) throws PluralityException {
        return new Collector(
                cache,
                keeper(cache, settings),
                policy(settings),
                wait(settings),
                settings.duration(Key.KEEP_BLOBS, USUAL_KEEP_BLOBS),
                pause);
    }

    public static ExpiryPass pass(Cache cache, Settings settings, Pause pause) throws PluralityException {
        return new ExpiryPass(
                collector(cache, settings, pause), new EventLog(cache.layout(), Clock.systemUTC()), Clock.systemUTC());
    }

    public static ExpiryPolicy policy(Settings settings) throws PluralityException {
        ExpiryPolicy none = ExpiryPolicy.NONE;
        Optional<Duration> after = settings.value(Key.EXPIRE_AFTER).isPresent()
                ? Optional.of(settings.duration(Key.EXPIRE_AFTER, Duration.ZERO))
                : Optional.empty();
        return new ExpiryPolicy(
                after,
                settings.duration(Key.EXPIRE_MIN_AGE, none.minAge()),
                (int) settings.number(Key.EXPIRE_KEEP_NEWEST, 0, 0, 1_000_000),
                settings.bytes(Key.EXPIRE_MAX_BYTES, Long.MAX_VALUE),
                settings.number(Key.EXPIRE_MAX_INODES, Long.MAX_VALUE, 1, Long.MAX_VALUE),
                settings.bytes(Key.EXPIRE_MIN_FREE, 0),
                settings.number(Key.EXPIRE_MIN_FREE_INODES, 0, 0, Long.MAX_VALUE),
                (int) settings.number(Key.EXPIRE_LOW_PERCENT, none.lowPercent(), 1, 100),
                rules(settings));
    }

    private static List<ExpiryRule> rules(Settings settings) throws PluralityException {
        List<ExpiryRule> rules = new ArrayList<>();
        for (String text : settings.values(Key.EXPIRE_RULES)) {
            try {
                rules.add(ExpiryRule.parse(text));
            } catch (IllegalArgumentException e) {
                throw new PluralityException(
                        FailureKind.USAGE,
                        "cannot use expire_rules: " + e.getMessage(),
                        "write a rule like 'docker.io/library/* after=90d'",
                        e);
            }
        }
        return rules;
    }
}
