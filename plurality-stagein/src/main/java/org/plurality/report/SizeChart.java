package org.plurality.report;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.plurality.display.ByteCount;

/** Bytes over time against a limit, as inline SVG. */
final class SizeChart {
    private static final int WIDTH = 880;
    private static final int HEIGHT = 260;
    private static final int LEFT = 76;
    private static final int RIGHT = 16;
    private static final int TOP = 14;
    private static final int BOTTOM = 30;
    private static final int LINES = 4;
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("d MMM", Locale.ROOT);
    private static final DateTimeFormatter HOUR = DateTimeFormatter.ofPattern("d MMM HH:mm", Locale.ROOT);

    private final List<History.Size> sizes;
    private final long limit;
    private final long low;
    private final long top;
    private final Instant from;
    private final Instant to;

    /**
     * @param sizes at least two, in order of time
     * @param limit 0 for none
     * @param low to which an expiry goes back; 0 for none
     */
    SizeChart(List<History.Size> sizes, long limit, long low) {
        this.sizes = sizes;
        this.limit = limit;
        this.low = low;
        long most = limit;
        for (History.Size size : sizes) {
            most = Math.max(most, size.bytes());
        }
        this.top = round(most);
        this.from = sizes.get(0).at();
        this.to = sizes.get(sizes.size() - 1).at();
    }

    void draw(Markup page) {
        String last = ByteCount.of(sizes.get(sizes.size() - 1).bytes());
        page.raw("<svg viewBox=\"0 0 " + WIDTH + " " + HEIGHT
                + "\" role=\"img\" aria-labelledby=\"size-title size-text\"><title id=\"size-title\">Size over time</title>"
                + "<desc id=\"size-text\">");
        page.text("From " + HOUR.format(from.atOffset(ZoneOffset.UTC)) + " to "
                + HOUR.format(to.atOffset(ZoneOffset.UTC)) + " UTC; now " + last
                + (limit > 0 ? ", the limit is " + ByteCount.of(limit) : ", without a limit") + ".");
        page.raw("</desc>");
        for (int i = 0; i <= LINES; i++) {
            long bytes = top / LINES * i;
            page.raw("<line class=\"grid\" x1=\"" + LEFT + "\" x2=\"" + (WIDTH - RIGHT) + "\" y1=\"" + y(bytes)
                    + "\" y2=\""
                    + y(bytes) + "\"/><text class=\"tick\" text-anchor=\"end\" x=\"" + (LEFT - 8) + "\" y=\""
                    + (y(bytes) + 4) + "\">" + ByteCount.of(bytes) + "</text>");
        }
        dates(page);
        StringBuilder line = new StringBuilder();
        for (History.Size size : sizes) {
            line.append(line.isEmpty() ? "M" : "L")
                    .append(x(size.at()))
                    .append(' ')
                    .append(y(size.bytes()));
        }
        page.raw("<path class=\"area\" d=\"" + line + "L" + x(to) + " " + y(0) + "L" + x(from) + " " + y(0) + "Z\"/>");
        page.raw("<path class=\"line\" d=\"" + line + "\"/>");
        page.raw("<circle class=\"dot\" r=\"4\" cx=\"" + x(to) + "\" cy=\""
                + y(sizes.get(sizes.size() - 1).bytes()) + "\"/>");
        bound(page, "limit", limit, "limit ", -6);
        bound(page, "low", low, "low watermark ", 14);
        page.raw("</svg>");
    }

    /** @param below the line, in pixels */
    private void bound(Markup page, String kind, long bytes, String label, int below) {
        if (bytes > 0) {
            page.raw("<line class=\"" + kind + "\" x1=\"" + LEFT + "\" x2=\"" + (WIDTH - RIGHT) + "\" y1=\"" + y(bytes)
                    + "\" y2=\"" + y(bytes) + "\"/><text class=\"mark\" x=\"" + (LEFT + 6) + "\" y=\""
                    + (y(bytes) + below)
                    + "\">" + label + ByteCount.of(bytes) + "</text>");
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

    private long y(long bytes) {
        return HEIGHT - BOTTOM - Math.round((HEIGHT - TOP - BOTTOM) * (bytes / (double) top));
    }

    /** Up to one or two digits that four lines divide evenly. */
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
