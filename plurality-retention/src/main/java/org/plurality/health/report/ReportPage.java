// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.report;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongFunction;
import org.plurality.display.ByteCount;
import org.plurality.display.Table;
import org.plurality.health.events.Event;
import org.plurality.retention.expiry.Decision;
import org.plurality.retention.expiry.ImageUsage;
import org.plurality.retention.inventory.Usage;

/** Renders the page. Pure: the same contents give the same bytes. */
public final class ReportPage {
    private static final int MOST_ROWS = 15;

    /** Maximum length of a cell that is not broken into lines. */
    private static final int SHORT = 14;

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT);

    private final ReportContents contents;
    private final Markup page = new Markup();

    private ReportPage(ReportContents contents) {
        this.contents = contents;
    }

    public static String of(ReportContents contents) {
        return new ReportPage(contents).html();
    }

    private String html() {
        page.raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                + "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                + "<meta name=\"color-scheme\" content=\"light dark\"><title>Image cache ");
        page.text(contents.cache()).raw("</title><style>").raw(Style.CSS).raw("</style></head><body><main>");
        page.raw("<header><h1>Image cache</h1><p><code>").text(contents.cache()).raw("</code> · ");
        page.text(time(contents.now()) + " UTC").raw("</p></header>");
        tiles();
        size();
        pulls();
        expiring();
        largest();
        shares();
        errors();
        page.raw("</main></body></html>\n");
        return page.toString();
    }

    private void tiles() {
        long bytes = 0;
        long held = 0;
        long due = 0;
        for (Decision decision : contents.decisions()) {
            ImageUsage image = decision.candidate();
            bytes += image.bytes();
            held += image.isPinned() || !image.holders().isEmpty() ? 1 : 0;
            due += decision.expires() ? 1 : 0;
        }
        long hits = 0;
        long asked = 0;
        for (History.Day day : contents.history().days()) {
            hits += day.hits();
            asked += day.hits() + day.misses();
        }
        page.raw("<dl class=\"tiles\">");
        tile("Images", Integer.toString(contents.decisions().size()), held + " held by jobs or pins");
        tile(
                "Size",
                ByteCount.of(bytes),
                "and " + ByteCount.of(contents.occupancy().blobBytes()) + " of kept layers");
        tile("Free", ByteCount.of(contents.occupancy().freeBytes()), "on the filesystem");
        tile("Go next", Long.toString(due), due == 1 ? "image at the next expiry" : "images at the next expiry");
        tile(
                "Found",
                asked == 0 ? "–" : Math.round(100.0 * hits / asked) + " %",
                "of " + asked + " pulls in " + History.DAYS + " days");
        tile("Errors", Long.toString(contents.history().errorCount()), "in " + History.ERROR_DAYS + " days");
        page.raw("</dl>");
    }

    private void tile(String label, String value, String note) {
        page.raw("<div>")
                .element("dt", label)
                .raw("<dd><b>")
                .text(value)
                .raw("</b><span>")
                .text(note);
        page.raw("</span></dd></div>");
    }

    private void size() {
        page.raw("<section><h2>Size over time</h2>");
        List<History.Size> sizes = new ArrayList<>(contents.history().sizes());
        long now = contents.occupancy().blobBytes();
        long inodes = contents.occupancy().blobs();
        for (Decision decision : contents.decisions()) {
            now += decision.candidate().bytes();
            inodes += decision.candidate().inodes();
        }
        sizes.add(new History.Size(contents.now(), now, inodes));
        if (sizes.size() < 2) {
            page.raw("<p class=\"none\">Nothing yet: each expiry adds a point.</p></section>");
            return;
        }
        level(
                new Level("size", "Size over time", "expire_max_bytes", ByteCount::of),
                sizes.stream()
                        .map(size -> new LevelChart.Point(size.at(), size.bytes()))
                        .toList(),
                contents.policy().maxBytes());
        List<LevelChart.Point> counted = sizes.stream()
                .filter(size -> size.inodes() > 0)
                .map(size -> new LevelChart.Point(size.at(), size.inodes()))
                .toList();
        if (counted.size() > 1) {
            page.raw("<h3>Inodes</h3>");
            level(
                    new Level("inodes", "Inodes over time", "expire_max_inodes", Long::toString),
                    counted,
                    contents.policy().maxInodes());
        }
        page.raw("</section>");
    }

    /** The subject of a chart; {@code key} is the setting of its limit. */
    private record Level(String id, String title, String key, LongFunction<String> unit) {}

    /** @param most {@link Long#MAX_VALUE} for no limit */
    private void level(Level level, List<LevelChart.Point> points, long most) {
        boolean isBound = most < Long.MAX_VALUE;
        int percent = contents.policy().lowPercent();
        new LevelChart(
                        level.id(),
                        level.title(),
                        level.unit(),
                        points,
                        isBound ? most : 0,
                        isBound && percent < 100 ? (long) (most / 100.0 * percent) : 0)
                .draw(page);
        page.raw("<p class=\"note\">Images and kept layers, at the end of each expiry and now; " + level.key()
                + (isBound ? " counts the images.</p>" : " is not set.</p>"));
    }

    private void pulls() {
        page.raw("<section><h2>Pulls by day</h2>");
        boolean isAny = contents.history().days().stream().anyMatch(day -> day.all() > 0);
        if (!isAny) {
            page.raw("<p class=\"none\">None in " + History.DAYS + " days.</p></section>");
            return;
        }
        page.raw("<p class=\"legend\"><span class=\"hit\">was there</span><span class=\"miss\">was fetched</span>"
                + "<span class=\"fail\">failed</span></p>");
        new PullChart(contents.history().days()).draw(page);
        page.raw("<details><summary>The numbers</summary>");
        begin("Pulls by day", "Day", ">There", ">Fetched", ">Failed");
        for (History.Day day : contents.history().days()) {
            if (day.all() > 0) {
                row("", day.date().toString(), ">" + day.hits(), ">" + day.misses(), ">" + day.failed());
            }
        }
        page.raw("</tbody></table></details></section>");
    }

    private void expiring() {
        List<Decision> next = new ArrayList<>();
        for (Decision decision : contents.decisions()) {
            if (decision.expires() || decision.due().isPresent()) {
                next.add(decision);
            }
        }
        next.sort(Comparator.comparing((Decision decision) -> !decision.expires())
                .thenComparing(decision -> decision.due().orElse(Instant.MAX))
                .thenComparing(decision -> decision.candidate().lastUse()));
        page.raw("<section><h2>What goes next</h2>");
        if (next.isEmpty()) {
            page.raw("<p class=\"none\">Nothing: no image has a date, and no limit is passed.</p></section>");
            return;
        }
        begin("Images that expire next", "Image", ">Size", ">Last use", "When", "Why");
        for (Decision decision : next.subList(0, Math.min(MOST_ROWS, next.size()))) {
            ImageUsage image = decision.candidate();
            row(
                    decision.expires() ? "due" : "",
                    image.title(),
                    ">" + ByteCount.of(image.bytes()),
                    ">" + Table.age(image.lastUse(), contents.now()) + " ago",
                    when(decision),
                    decision.why());
        }
        page.raw("</tbody></table>");
        more(next.size());
        page.raw("</section>");
    }

    private String when(Decision decision) {
        if (decision.expires()) {
            return "next expiry";
        }
        Duration left = Duration.between(contents.now(), decision.due().orElse(contents.now()));
        return left.toDays() > 1 ? "in " + left.toDays() + " d" : "in " + Math.max(0, left.toHours()) + " h";
    }

    private void largest() {
        List<Decision> images = new ArrayList<>(contents.decisions());
        images.sort(Comparator.comparingLong(
                        (Decision decision) -> -decision.candidate().bytes())
                .thenComparing(decision -> decision.candidate().digest()));
        page.raw("<section><h2>Largest images</h2>");
        if (images.isEmpty()) {
            page.raw("<p class=\"none\">There are none.</p></section>");
            return;
        }
        long most = Math.max(1, images.get(0).candidate().bytes());
        begin("Largest images", "Image", ">Size", "", ">Inodes", ">Last use", "Held");
        for (Decision decision : images.subList(0, Math.min(MOST_ROWS, images.size()))) {
            ImageUsage image = decision.candidate();
            String held = image.isPinned()
                    ? "pinned"
                    : image.holders().isEmpty() ? "" : leases(image.holders().size());
            row(
                    "",
                    image.title(),
                    ">" + ByteCount.of(image.bytes()),
                    "#" + Math.round(100.0 * image.bytes() / most),
                    ">" + image.inodes(),
                    ">" + Table.age(image.lastUse(), contents.now()) + " ago",
                    held);
        }
        page.raw("</tbody></table>");
        more(images.size());
        page.raw("</section>");
    }

    private void shares() {
        page.raw("<section><h2>Who uses how much</h2><div class=\"columns\">");
        for (Map.Entry<String, Usage> usage : new TreeMap<>(contents.usages()).entrySet()) {
            List<Usage.Share> shares = usage.getValue().shares();
            if (shares.isEmpty()) {
                continue;
            }
            long most = Math.max(1, shares.get(0).bytes());
            begin("By " + usage.getKey(), "By " + usage.getKey(), ">Images", ">Size", "");
            for (Usage.Share share : shares.subList(0, Math.min(MOST_ROWS, shares.size()))) {
                row(
                        "",
                        share.name(),
                        ">" + share.images(),
                        ">" + ByteCount.of(share.bytes()),
                        "#" + Math.round(100.0 * share.bytes() / most));
            }
            page.raw("</tbody></table>");
        }
        page.raw("</div></section>");
    }

    private void errors() {
        page.raw("<section><h2>Errors of the last " + History.ERROR_DAYS + " days</h2>");
        if (contents.history().errors().isEmpty()) {
            page.raw("<p class=\"none\">None.</p></section>");
            return;
        }
        begin("Errors", "When (UTC)", "What", "Image", "Who", "Why");
        for (Event event : contents.history().errors()) {
            row(
                    "",
                    time(event.at()),
                    event.event(),
                    event.reference().isEmpty() ? event.digest() : event.reference(),
                    event.user() + "@" + event.host(),
                    event.why());
        }
        page.raw("</tbody></table>");
        long more =
                contents.history().errorCount() - contents.history().errors().size();
        if (more > 0) {
            page.raw("<p class=\"note\">and " + more + " more</p>");
        }
        page.raw("</section>");
    }

    private void more(int all) {
        if (all > MOST_ROWS) {
            page.raw("<p class=\"note\">and " + (all - MOST_ROWS) + " more</p>");
        }
    }

    /** @param titles titles that begin with {@code >} belong to columns of numbers */
    private void begin(String caption, String... titles) {
        page.raw("<table>").element("caption", caption).raw("<thead><tr>");
        for (String title : titles) {
            boolean isNumber = title.startsWith(">");
            page.raw(isNumber ? "<th scope=\"col\" class=\"number\">" : "<th scope=\"col\">");
            page.text(title.isEmpty() ? "" : isNumber ? title.substring(1) : title)
                    .raw("</th>");
        }
        page.raw("</tr></thead><tbody>");
    }

    /** @param cells cells that begin with {@code >} are numbers; those with {@code #} are bars in percent */
    private void row(String kind, String first, String... cells) {
        page.raw(kind.isEmpty() ? "<tr>" : "<tr class=\"" + kind + "\">");
        page.raw("<th scope=\"row\">").text(first).raw("</th>");
        for (String cell : cells) {
            if (cell.startsWith(">")) {
                page.raw("<td class=\"number\">").text(cell.substring(1)).raw("</td>");
            } else if (cell.startsWith("#")) {
                long percent = Long.parseLong(cell.substring(1));
                page.raw(
                        "<td class=\"bar\"><svg viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
                                + "<rect class=\"hit\" width=\"" + Math.max(1, percent)
                                + "\" height=\"8\"/></svg></td>");
            } else {
                page.raw(cell.length() <= SHORT ? "<td class=\"word\">" : "<td>")
                        .text(cell)
                        .raw("</td>");
            }
        }
        page.raw("</tr>");
    }

    private static String leases(int count) {
        return count + (count == 1 ? " lease" : " leases");
    }

    private static String time(Instant at) {
        return TIME.format(at.atOffset(ZoneOffset.UTC));
    }
}
