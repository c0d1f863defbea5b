// SPDX-License-Identifier: Apache-2.0
package org.plurality.advice;

import java.util.Optional;

/** The word out of some that is most like one that was typed. */
public final class Nearest {
    private Nearest() {}

    /** Returns the nearest of these words, if it differs in few letters; a third of them, and one at least. */
    public static Optional<String> of(String typed, Iterable<String> words) {
        String nearest = null;
        int least = Math.max(1, typed.length() / 3) + 1;
        for (String word : words) {
            int distance = distance(typed, word);
            if (distance < least) {
                least = distance;
                nearest = word;
            }
        }
        return Optional.ofNullable(nearest);
    }

    /** Counts the insertions, removals, replacements and swaps of neighbours that turn one word into the other. */
    public static int distance(String a, String b) {
        int[][] distances = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                distances[i][j] = i == 0 || j == 0 ? i + j : step(a, b, i, j, distances);
            }
        }
        return distances[a.length()][b.length()];
    }

    private static int step(String a, String b, int i, int j, int[][] distances) {
        boolean same = a.charAt(i - 1) == b.charAt(j - 1);
        int least = Math.min(
                distances[i - 1][j - 1] + (same ? 0 : 1), Math.min(distances[i - 1][j], distances[i][j - 1]) + 1);
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(least, distances[i - 2][j - 2] + 1) : least;
    }
}
