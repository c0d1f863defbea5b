// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.cache.Cache;
import org.plurality.health.events.Event;
import org.plurality.health.events.EventLog;
import org.plurality.reference.Digest;
import org.plurality.retention.expiry.Decision;
import org.plurality.retention.expiry.ExpiryPolicy;
import org.plurality.retention.expiry.ImageUsage;
import org.plurality.retention.expiry.SpaceUsage;
import org.plurality.retention.inventory.Usage;

class ReportPageTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final String HOSTILE = "\"'><script>alert(1)</script>&\u202e";

    @TempDir
    private Path root;

    @Test
    void whatImagesAndUsersSayIsTextEverywhere() throws Exception {
        Cache cache = Cache.openOrCreate(root.resolve("cache"));
        EventLog log = new EventLog(cache.layout(), Clock.fixed(NOW.minusSeconds(60), ZoneOffset.UTC));
        log.log(Event.Kind.PULL_FAILED, "", HOSTILE, 0, 0, HOSTILE);
        log.logSize(1000, 7, 0);
        Usage usage = new Usage();
        usage.add(HOSTILE, 10, 1, false);
        String page = ReportPage.of(new ReportContents(
                HOSTILE,
                NOW,
                List.of(decision(HOSTILE, true), decision("plain:1", false)),
                new SpaceUsage(5, 1, 100),
                ExpiryPolicy.NONE,
                Map.of("user", usage),
                History.read(log, NOW)));
        assertThat(page)
                .doesNotContain("<script", "'><", "\u202e")
                .contains("&quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;?")
                .contains("default-src 'none'", "lang=\"en\"", "<caption>", "role=\"img\"");
    }

    @Test
    void aNewCacheHasAPageToo() throws Exception {
        Cache cache = Cache.openOrCreate(root.resolve("cache"));
        History history = History.read(new EventLog(cache.layout(), Clock.systemUTC()), NOW);
        assertThat(ReportPage.of(new ReportContents(
                        "/c", NOW, List.of(), new SpaceUsage(0, 0, 0), ExpiryPolicy.NONE, Map.of(), history)))
                .contains("There are none.", "Nothing yet")
                .endsWith("</html>\n");
    }

    @Test
    void bytesAndInodesAreDrawnAgainstTheirLimits() throws Exception {
        Cache cache = Cache.openOrCreate(root.resolve("cache"));
        EventLog log = new EventLog(cache.layout(), Clock.fixed(NOW.minusSeconds(60), ZoneOffset.UTC));
        log.log(Event.Kind.SIZE, "", "", 500, 0, "");
        log.logSize(1000, 7, 0);
        new EventLog(cache.layout(), Clock.fixed(NOW.minusSeconds(30), ZoneOffset.UTC)).logSize(1200, 9, 0);
        ExpiryPolicy policy =
                new ExpiryPolicy(ExpiryPolicy.NONE.after(), Duration.ZERO, 0, 5_000_000, 40, 0, 90, List.of());
        String page = ReportPage.of(new ReportContents(
                "/c",
                NOW,
                List.of(decision("plain:1", false)),
                new SpaceUsage(5, 1, 100),
                policy,
                Map.of(),
                History.read(log, NOW)));
        assertThat(page)
                .contains("Size over time</title>", "limit 5.0 MB", "low watermark 4.5 MB", "expire_max_bytes counts")
                .contains("Inodes over time</title>", "limit 40<", "low watermark 36<", "expire_max_inodes counts");
    }

    @Test
    void historyIsBoundedAndCountsEachDay() throws Exception {
        Cache cache = Cache.openOrCreate(root.resolve("cache"));
        for (int i = 0; i < 2000; i++) {
            EventLog log =
                    new EventLog(cache.layout(), Clock.fixed(NOW.minus(Duration.ofMinutes(30L * i)), ZoneOffset.UTC));
            log.log(i % 2 == 0 ? Event.Kind.SIZE : Event.Kind.HIT, "", "a", i, 0, "");
        }
        new EventLog(cache.layout(), Clock.fixed(NOW, ZoneOffset.UTC)).log(Event.Kind.MISS, "", "a", 1, 0, "");
        History history = History.read(new EventLog(cache.layout(), Clock.systemUTC()), NOW);
        assertThat(history.sizes()).hasSizeLessThanOrEqualTo(History.MOST_SIZES);
        assertThat(history.days()).hasSize(History.DAYS);
        assertThat(history.days().getLast().misses()).isEqualTo(1);
        assertThat(history.days().get(10).hits()).isEqualTo(24);
    }

    private static Decision decision(String name, boolean expires) {
        ImageUsage candidate = new ImageUsage(
                Digest.sha256(name.getBytes(StandardCharsets.UTF_8)),
                List.of(name),
                List.of(name),
                1234,
                5,
                NOW,
                NOW.minusSeconds(5000),
                false,
                List.of(name),
                "");
        return new Decision(candidate, expires, name, Optional.of(NOW.plusSeconds(100_000)));
    }
}
