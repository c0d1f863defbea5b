// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.expiry;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.plurality.config.DurationText;
import org.plurality.display.ByteCount;
import org.plurality.reference.Digest;

/**
 * Which images go. Pinned and leased ones stay, those that cannot be read, younger ones than the minimum age, and the newest of a
 * repository. Of the others go, first, what nobody used for long enough; then, while a limit is passed, what was used longest ago, until
 * the low watermark is reached.
 *
 * @param after no use for so long; empty for never
 * @param minAge since publication
 * @param keepNewest by publication, of each repository
 * @param maxBytes of images; {@link Long#MAX_VALUE} for no limit. Kept layers go by their own age: no image goes because of them
 * @param maxInodes likewise
 * @param minFreeBytes on the filesystem; 0 for no limit
 * @param minFreeInodes likewise; 0 for no limit
 * @param lowPercent of a limit, 1 to 100
 * @param rules the first that matches an image counts
 */
public record ExpiryPolicy(
        Optional<Duration> after,
        Duration minAge,
        int keepNewest,
        long maxBytes,
        long maxInodes,
        long minFreeBytes,
        long minFreeInodes,
        int lowPercent,
        List<ExpiryRule> rules) {

    /** Nothing goes. */
    public static final ExpiryPolicy NONE = new ExpiryPolicy(
            Optional.empty(), Duration.ofHours(1), 0, Long.MAX_VALUE, Long.MAX_VALUE, 0, 0, 90, List.of());

    public ExpiryPolicy {
        if (lowPercent < 1 || lowPercent > 100) {
            throw new IllegalArgumentException("a low watermark is 1 to 100 percent, not " + lowPercent);
        }
        rules = List.copyOf(rules);
    }

    /** Without a limit of free inodes. */
    public ExpiryPolicy(
            Optional<Duration> after,
            Duration minAge,
            int keepNewest,
            long maxBytes,
            long maxInodes,
            long minFreeBytes,
            int lowPercent,
            List<ExpiryRule> rules) {
        this(after, minAge, keepNewest, maxBytes, maxInodes, minFreeBytes, 0, lowPercent, rules);
    }

    /** Whether anything could ever go. */
    public boolean isEmpty() {
        return after.isEmpty()
                && maxBytes == Long.MAX_VALUE
                && maxInodes == Long.MAX_VALUE
                && minFreeBytes == 0
                && minFreeInodes == 0
                && rules.stream().allMatch(rule -> rule.after().isEmpty());
    }

    /** In the order of the candidates. */
    public List<Decision> decide(List<ImageUsage> candidates, SpaceUsage occupancy, Instant now) {
        Map<Digest, Decision> decisions = new HashMap<>();
        Set<Digest> newest = newest(candidates);
        List<ImageUsage> evictable = new ArrayList<>();
        for (ImageUsage candidate : candidates) {
            Optional<String> protection = protection(candidate, newest, now);
            if (protection.isPresent()) {
                decisions.put(candidate.digest(), stays(candidate, protection.get(), Optional.empty()));
            } else if (isTooOld(candidate, now)) {
                decisions.put(
                        candidate.digest(),
                        new Decision(
                                candidate,
                                true,
                                "not used for " + age(candidate, now) + ", longer than "
                                        + DurationText.of(after(candidate).orElseThrow()),
                                due(candidate)));
            } else {
                evictable.add(candidate);
            }
        }
        evictable.sort(Comparator.comparing(ImageUsage::lastUse).thenComparing(ImageUsage::digest));
        Pressure pressure = new Pressure(candidates, decisions, occupancy);
        for (ImageUsage candidate : evictable) {
            Optional<String> reason = pressure.reason();
            decisions.put(
                    candidate.digest(),
                    reason.isPresent()
                            ? new Decision(
                                    candidate,
                                    true,
                                    reason.get() + "; used " + age(candidate, now) + " ago",
                                    due(candidate))
                            : stays(candidate, "used " + age(candidate, now) + " ago", due(candidate)));
            if (reason.isPresent()) {
                pressure.take(candidate);
            }
        }
        List<Decision> inOrder = new ArrayList<>();
        candidates.forEach(candidate -> inOrder.add(decisions.get(candidate.digest())));
        return inOrder;
    }

    private Optional<String> protection(ImageUsage candidate, Set<Digest> newest, Instant now) {
        if (candidate.isPinned()) {
            return Optional.of("pinned");
        }
        if (!candidate.holders().isEmpty()) {
            int others = candidate.holders().size() - 1;
            return Optional.of(
                    "held by " + candidate.holders().get(0) + (others > 0 ? " and " + others + " more" : ""));
        }
        if (!candidate.problem().isEmpty()) {
            return Optional.of("cannot be read: " + candidate.problem());
        }
        Optional<ExpiryRule> rule = rule(candidate);
        if (rule.isPresent() && rule.get().keep()) {
            return Optional.of("a rule keeps it");
        }
        Duration least = rule.flatMap(ExpiryRule::minAge).orElse(minAge);
        if (candidate.published().plus(least).isAfter(now)) {
            return Optional.of("younger than " + DurationText.of(least));
        }
        if (newest.contains(candidate.digest())) {
            return Optional.of("among the newest of its repository");
        }
        return Optional.empty();
    }

    private Set<Digest> newest(List<ImageUsage> candidates) {
        Map<String, List<ImageUsage>> repositories = new HashMap<>();
        for (ImageUsage candidate : candidates) {
            for (String repository : candidate.repositories()) {
                repositories.computeIfAbsent(repository, _ -> new ArrayList<>()).add(candidate);
            }
        }
        Set<Digest> newest = new HashSet<>();
        for (List<ImageUsage> images : repositories.values()) {
            images.sort(Comparator.comparing(ImageUsage::published)
                    .thenComparing(ImageUsage::digest)
                    .reversed());
            for (int i = 0; i < images.size(); i++) {
                ImageUsage image = images.get(i);
                if (i < rule(image).flatMap(ExpiryRule::keepNewest).orElse(keepNewest)) {
                    newest.add(image.digest());
                }
            }
        }
        return newest;
    }

    private boolean isTooOld(ImageUsage candidate, Instant now) {
        return due(candidate).map(due -> !due.isAfter(now)).orElse(false);
    }

    private Optional<Instant> due(ImageUsage candidate) {
        return after(candidate).map(candidate.lastUse()::plus);
    }

    private Optional<Duration> after(ImageUsage candidate) {
        return rule(candidate)
                .flatMap(ExpiryRule::after)
                .or(() -> after)
                .filter(age -> age.compareTo(ExpiryRule.NEVER) < 0);
    }

    private Optional<ExpiryRule> rule(ImageUsage candidate) {
        return rules.stream().filter(rule -> rule.matches(candidate)).findFirst();
    }

    private static Decision stays(ImageUsage candidate, String why, Optional<Instant> due) {
        return new Decision(candidate, false, why, due);
    }

    private static String age(ImageUsage candidate, Instant now) {
        long minutes = Math.max(0, Duration.between(candidate.lastUse(), now).toMinutes());
        return minutes < 120 ? minutes + " min" : minutes < 2880 ? minutes / 60 + " h" : minutes / 1440 + " d";
    }

    /** How far a limit is passed, while images are taken away. Once passed, it counts until the low watermark. */
    private final class Pressure {
        private long bytes;
        private long inodes;
        private long free;
        private long freeInodes;
        private boolean tooMuch;
        private boolean tooMany;
        private boolean tooFull;
        private boolean tooFewInodes;

        Pressure(List<ImageUsage> candidates, Map<Digest, Decision> decided, SpaceUsage occupancy) {
            free = occupancy.freeBytes();
            freeInodes = occupancy.freeInodes();
            candidates.forEach(candidate -> {
                bytes += candidate.bytes();
                inodes += candidate.inodes();
            });
            tooMuch = bytes > maxBytes;
            tooMany = inodes > maxInodes;
            tooFull = free < minFreeBytes;
            tooFewInodes = freeInodes < minFreeInodes;
            decided.values().stream().filter(Decision::expires).forEach(gone -> take(gone.candidate()));
        }

        void take(ImageUsage candidate) {
            bytes -= candidate.bytes();
            inodes -= candidate.inodes();
            free += candidate.bytes();
            freeInodes += freeInodes == Long.MAX_VALUE ? 0 : candidate.inodes();
        }

        Optional<String> reason() {
            tooMuch = tooMuch && bytes > maxBytes / 100.0 * lowPercent;
            tooMany = tooMany && inodes > maxInodes / 100.0 * lowPercent;
            tooFull = tooFull && free < minFreeBytes * 100.0 / lowPercent;
            tooFewInodes = tooFewInodes && freeInodes < minFreeInodes * 100.0 / lowPercent;
            if (tooMuch) {
                return Optional.of("the cache is over expire_max_bytes = " + ByteCount.of(maxBytes));
            }
            if (tooMany) {
                return Optional.of("the cache is over expire_max_inodes = " + maxInodes);
            }
            if (tooFewInodes) {
                return Optional.of("the filesystem is under expire_min_free_inodes = " + minFreeInodes);
            }
            return tooFull
                    ? Optional.of("the filesystem is under expire_min_free = " + ByteCount.of(minFreeBytes))
                    : Optional.empty();
        }
    }
}
