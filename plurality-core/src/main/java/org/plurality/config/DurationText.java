// SPDX-License-Identifier: Apache-2.0
package org.plurality.config;

import java.time.Duration;

/** Durations as people write them: a whole number and {@code s}, {@code min}, {@code h}, {@code d} or {@code w}. */
public final class DurationText {
    private static final String[] UNITS = {"s", "min", "m", "h", "d", "w"};
    private static final long[] SECONDS = {1, 60, 60, 3600, 86_400, 604_800};
    private static final int MOST_DIGITS = 9;

    private DurationText() {}

    /** @throws IllegalArgumentException if the text is not a duration */
    public static Duration parse(String text) {
        String trimmed = text.strip();
        int digits = 0;
        while (digits < trimmed.length() && trimmed.charAt(digits) >= '0' && trimmed.charAt(digits) <= '9') {
            digits++;
        }
        String unit = trimmed.substring(digits).strip();
        for (int i = 0; digits > 0 && digits <= MOST_DIGITS && i < UNITS.length; i++) {
            if (UNITS[i].equals(unit)) {
                return Duration.ofSeconds(Long.parseLong(trimmed.substring(0, digits)) * SECONDS[i]);
            }
        }
        if (trimmed.equals("0")) {
            return Duration.ZERO;
        }
        throw new IllegalArgumentException("'" + text + "' is no duration like 90s, 10min, 12h, 30d or 2w");
    }

    /** Returns the duration in the largest unit of which it is a whole number. */
    public static String of(Duration duration) {
        long seconds = duration.toSeconds();
        for (int i : new int[] {4, 3, 1}) {
            if (seconds != 0 && seconds % SECONDS[i] == 0) {
                return seconds / SECONDS[i] + UNITS[i];
            }
        }
        return seconds + "s";
    }
}
