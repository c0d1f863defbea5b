// SPDX-License-Identifier: Apache-2.0
package org.plurality.display;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Aligns columns by their widest cell. Columns whose titles begin with {@code >} are right-aligned. */
public final class Table {
    private final List<String> titles;
    private final List<List<String>> rows = new ArrayList<>();

    public Table(String... titles) {
        this.titles = List.of(titles);
        rows.add(this.titles.stream()
                .map(title -> title.startsWith(">") ? title.substring(1) : title)
                .toList());
    }

    public void row(String... cells) {
        rows.add(List.of(cells));
    }

    /** Returns whether there are no rows except the titles. */
    public boolean isEmpty() {
        return rows.size() == 1;
    }

    public void print(PrintStream out) {
        int[] widths = new int[titles.size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        // One write for the whole table, because standard output is flushed at each call.
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String padding = " ".repeat(widths[i] - row.get(i).length());
                boolean right = titles.get(i).startsWith(">");
                line.append(i == 0 ? "" : "  ").append(right ? padding + row.get(i) : row.get(i) + padding);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        out.print(text);
    }

    /** Returns the time between two instants, in one unit. */
    public static String age(Instant then, Instant now) {
        Duration age = Duration.between(then, now);
        if (age.toDays() > 1) {
            return age.toDays() + " d";
        }
        if (age.toHours() > 1) {
            return age.toHours() + " h";
        }
        return age.toMinutes() > 1 ? age.toMinutes() + " min" : Math.max(0, age.toSeconds()) + " s";
    }
}
