// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.report;

import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** Renders the pulls of each day as stacked bars, inline SVG. */
final class PullChart {
    private static final int WIDTH = 880;
    private static final int HEIGHT = 200;
    private static final int LEFT = 48;
    private static final int RIGHT = 16;
    private static final int TOP = 12;
    private static final int BOTTOM = 28;
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("d MMM", Locale.ROOT);

    private final List<History.Day> days;
    private final long top;

    PullChart(List<History.Day> days) {
        this.days = days;
        long most = 1;
        for (History.Day day : days) {
            most = Math.max(most, day.all());
        }
        this.top = most;
    }

    void draw(Markup page) {
        page.raw("<svg viewBox=\"0 0 " + WIDTH + " " + HEIGHT
                + "\" role=\"img\" aria-labelledby=\"pull-title pull-text\"><title id=\"pull-title\">Pulls by day</title>"
                + "<desc id=\"pull-text\">Bars of images that were there, were fetched, and that failed; the table below has"
                + " the numbers.</desc>");
        for (long value : top == 1 ? new long[] {0, 1} : new long[] {0, top / 2, top}) {
            page.raw("<line class=\"grid\" x1=\"" + LEFT + "\" x2=\"" + (WIDTH - RIGHT) + "\" y1=\"" + y(value)
                    + "\" y2=\""
                    + y(value) + "\"/><text class=\"tick\" text-anchor=\"end\" x=\"" + (LEFT - 8) + "\" y=\""
                    + (y(value) + 4) + "\">" + value + "</text>");
        }
        double slot = (WIDTH - LEFT - RIGHT) / (double) days.size();
        for (int i = 0; i < days.size(); i++) {
            History.Day day = days.get(i);
            double x = LEFT + slot * i + slot * 0.15;
            page.raw("<g><title>" + day.date() + ": " + day.hits() + " there, " + day.misses() + " fetched, "
                    + day.failed() + " failed</title>");
            bar(page, "hit", x, slot * 0.7, 0, day.hits());
            bar(page, "miss", x, slot * 0.7, day.hits(), day.misses());
            bar(page, "fail", x, slot * 0.7, day.hits() + day.misses(), day.failed());
            page.raw("</g>");
            if ((days.size() - 1 - i) % 7 == 0) {
                page.raw("<text class=\"tick\" text-anchor=\"middle\" x=\"" + Math.round(x + slot * 0.35) + "\" y=\""
                        + (HEIGHT - 8) + "\">" + DATE.format(day.date()) + "</text>");
            }
        }
        page.raw("</svg>");
    }

    private void bar(Markup page, String kind, double x, double width, long from, long count) {
        if (count > 0) {
            page.raw(String.format(
                    Locale.ROOT,
                    "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>",
                    kind,
                    x,
                    y(from + count),
                    width,
                    Math.max(1, y(from) - y(from + count))));
        }
    }

    private long y(long count) {
        return HEIGHT - BOTTOM - Math.round((HEIGHT - TOP - BOTTOM) * (count / (double) top));
    }
}
