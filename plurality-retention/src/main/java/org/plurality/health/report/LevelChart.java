// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.report;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;

/** An amount over time against a limit, as inline SVG. */
final class LevelChart {
    private static final int WIDTH = 880;
    private static final int HEIGHT = 260;
    private static final int LEFT = 76;
    private static final int RIGHT = 16;
    private static final int TOP = 14;
    private static final int BOTTOM = 30;
    private static final int LINES = 4;
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("d MMM", Locale.ROOT);
    private static final DateTimeFormatter HOUR = DateTimeFormatter.ofPattern("d MMM HH:mm", Locale.ROOT);

    /** An amount at a time. */
    record Point(Instant at, long amount) {}

    private final String id;
    private final String title;
    private final LongFunction<String> unit;
    private final List<Point> points;
    private final long limit;
    private final long low;
    private final long top;
    private final Instant from;
    private final Instant to;

    /**
     * @param id id of its elements in the page
     * @param unit formats an amount
     * @param points at least two, in order of time
     * @param limit 0 for none
     * @param low the amount to which an expiry reduces; 0 for none
     */
    LevelChart(String id, String title, LongFunction<String> unit, List<Point> points, long limit, long low) {
        this.id = id;
        this.title = title;
        this.unit = unit;
        this.points = points;
        this.limit = limit;
        this.low = low;
        long most = limit;
        for (Point point : points) {
            most = Math.max(most, point.amount());
        }
        this.top = round(most);
        this.from = points.getFirst().at();
        this.to = points.getLast().at();
    }

    void draw(Markup page) {
        String last = unit.apply(points.getLast().amount());
        page.raw("<svg viewBox=\"0 0 " + WIDTH + " " + HEIGHT
                + "\" role=\"img\" aria-labelledby=\"" + id + "-title " + id + "-text\"><title id=\"" + id + "-title\">"
                + title
                + "</title><desc id=\"" + id + "-text\">");
        page.text("From " + HOUR.format(from.atOffset(ZoneOffset.UTC)) + " to "
                + HOUR.format(to.atOffset(ZoneOffset.UTC)) + " UTC; now " + last
                + (limit > 0 ? ", the limit is " + unit.apply(limit) : ", without a limit") + ".");
        page.raw("</desc>");
        for (int i = 0; i <= LINES; i++) {
            long amount = top / LINES * i;
            page.raw("<line class=\"grid\" x1=\"" + LEFT + "\" x2=\"" + (WIDTH - RIGHT) + "\" y1=\"" + y(amount)
                    + "\" y2=\""
                    + y(amount) + "\"/><text class=\"tick\" text-anchor=\"end\" x=\"" + (LEFT - 8) + "\" y=\""
                    + (y(amount) + 4) + "\">" + unit.apply(amount) + "</text>");
        }
        dates(page);
        StringBuilder line = new StringBuilder();
        for (Point point : points) {
            line.append(line.isEmpty() ? "M" : "L")
                    .append(x(point.at()))
                    .append(' ')
                    .append(y(point.amount()));
        }
        page.raw("<path class=\"area\" d=\"" + line + "L" + x(to) + " " + y(0) + "L" + x(from) + " " + y(0) + "Z\"/>");
        page.raw("<path class=\"line\" d=\"" + line + "\"/>");
        page.raw("<circle class=\"dot\" r=\"4\" cx=\"" + x(to) + "\" cy=\""
                + y(points.getLast().amount()) + "\"/>");
        bound(page, "limit", limit, "limit ", -6);
        bound(page, "low", low, "low watermark ", 14);
        page.raw("</svg>");
    }

    /** @param below distance of the label below the line, in pixels */
    private void bound(Markup page, String kind, long amount, String label, int below) {
        if (amount > 0) {
            page.raw("<line class=\"" + kind + "\" x1=\"" + LEFT + "\" x2=\"" + (WIDTH - RIGHT) + "\" y1=\"" + y(amount)
                    + "\" y2=\"" + y(amount) + "\"/><text class=\"mark\" x=\"" + (LEFT + 6) + "\" y=\""
                    + (y(amount) + below)
                    + "\">" + label + unit.apply(amount) + "</text>");
        }
    }

    private void dates(Markup page) {
        boolean isShort = Duration.between(from, to).toDays() < 3;
        int parts = 4;
        for (int i = 0; i <= parts; i++) {
            Instant at = from.plus(Duration.between(from, to).multipliedBy(i).dividedBy(parts));
            String label = isShort
                    ? HOUR.format(at.atOffset(ZoneOffset.UTC))
                    : DATE.format(LocalDate.ofInstant(at, ZoneOffset.UTC));
            String anchor = i == 0 ? "start" : i == parts ? "end" : "middle";
            page.raw("<text class=\"tick\" text-anchor=\"" + anchor + "\" x=\"" + x(at) + "\" y=\"" + (HEIGHT - 8)
                    + "\">" + label + "</text>");
        }
    }

    private long x(Instant at) {
        long whole = Math.max(1, Duration.between(from, to).toMillis());
        return LEFT
                + Math.round(
                        (WIDTH - LEFT - RIGHT) * (Duration.between(from, at).toMillis() / (double) whole));
    }

    private long y(long amount) {
        return HEIGHT - BOTTOM - Math.round((HEIGHT - TOP - BOTTOM) * (amount / (double) top));
    }

    /** Rounds up to one or two digits that four lines divide evenly. */
    private static long round(long most) {
        long unit = 1;
        while (unit * 40 < most) {
            unit *= 10;
        }
        for (long step : new long[] {4, 8, 12, 20, 40}) {
            if (step * unit >= most) {
                return Math.max(4, step * unit);
            }
        }
        return unit * 40;
    }
}
