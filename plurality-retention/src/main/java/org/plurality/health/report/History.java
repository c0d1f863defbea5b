// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.report;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.plurality.health.events.Event;
import org.plurality.health.events.EventLog;

/**
 * The last weeks in a cache's log, in bounded memory.
 *
 * @param sizes sizes of the cache at the ends of expiries, in order of time, at most {@link #MOST_SIZES}
 * @param days pulls of each day, all days of {@link #DAYS} in order
 * @param errors errors of {@link #ERROR_DAYS}, the newest first, at most {@link #MOST_ERRORS}
 * @param errorCount total number of errors
 */
public record History(List<Size> sizes, List<Day> days, List<Event> errors, long errorCount) {
    public static final int DAYS = 30;
    public static final int ERROR_DAYS = 7;
    static final int MOST_SIZES = 400;
    static final int MOST_ERRORS = 40;

    private static final Duration SIZES_BACK = Duration.ofDays(90);

    public History {
        sizes = List.copyOf(sizes);
        days = List.copyOf(days);
        errors = List.copyOf(errors);
    }

    /**
     * The size of the cache at one time.
     *
     * @param inodes 0 if they were not counted
     */
    public record Size(Instant at, long bytes, long inodes) {}

    /** The pulls of a day (UTC). */
    public record Day(LocalDate date, long hits, long misses, long failed) {
        long all() {
            return hits + misses + failed;
        }
    }

    public static History read(EventLog log, Instant now) throws IOException {
        Map<Long, Size> sizes = new TreeMap<>();
        Map<LocalDate, Day> days = new TreeMap<>();
        LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        for (int back = DAYS - 1; back >= 0; back--) {
            days.put(today.minusDays(back), new Day(today.minusDays(back), 0, 0, 0));
        }
        Deque<Event> errors = new ArrayDeque<>();
        long[] errorCount = new long[1];
        Instant oldest = now.minus(SIZES_BACK);
        long bucket = SIZES_BACK.toMillis() / MOST_SIZES + 1;
        log.read(event -> {
            if (event.event().equals(Event.Kind.SIZE.label())) {
                if (event.at().isAfter(oldest) && !event.at().isAfter(now)) {
                    sizes.put(
                            Duration.between(oldest, event.at()).toMillis() / bucket,
                            new Size(event.at(), event.bytes(), event.inodes()));
                }
                return;
            }
            LocalDate date = LocalDate.ofInstant(event.at(), ZoneOffset.UTC);
            days.computeIfPresent(date, (_, day) -> with(day, event.event()));
            if (isError(event.event()) && event.at().isAfter(now.minus(Duration.ofDays(ERROR_DAYS)))) {
                errorCount[0]++;
                errors.addFirst(event);
                if (errors.size() > MOST_ERRORS) {
                    errors.removeLast();
                }
            }
        });
        return new History(
                new ArrayList<>(sizes.values()),
                new ArrayList<>(days.values()),
                new ArrayList<>(errors),
                errorCount[0]);
    }

    private static boolean isError(String event) {
        return event.equals(Event.Kind.ERROR.label())
                || event.equals(Event.Kind.PULL_FAILED.label())
                || event.equals(Event.Kind.DAMAGED.label());
    }

    private static Day with(Day day, String event) {
        if (event.equals(Event.Kind.HIT.label())) {
            return new Day(day.date(), day.hits() + 1, day.misses(), day.failed());
        }
        if (event.equals(Event.Kind.MISS.label())) {
            return new Day(day.date(), day.hits(), day.misses() + 1, day.failed());
        }
        if (event.equals(Event.Kind.PULL_FAILED.label())) {
            return new Day(day.date(), day.hits(), day.misses(), day.failed() + 1);
        }
        return day;
    }
}
