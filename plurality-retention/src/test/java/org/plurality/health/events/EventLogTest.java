// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.cache.Cache;
import org.plurality.cache.CacheLayout;

class EventLogTest {
    private static final Clock CLOCK = Clock.fixed(Instant.ofEpochMilli(1234), ZoneOffset.UTC);

    @TempDir
    private Path directory;

    private CacheLayout layout;

    @BeforeEach
    void makeCache() throws Exception {
        layout = Cache.openOrCreate(directory).layout();
    }

    @Test
    void whatIsLoggedReadsBack() throws Exception {
        EventLog log = new EventLog(layout, CLOCK);
        log.log(Event.Kind.MISS, "sha256:ab", "alpine:3.20", 42, 7, "");
        log.log(Event.Kind.PULL_FAILED, "", "nosuch", 0, 1, "two\nlines " + "x".repeat(9000));
        List<Event> events = read(log);
        assertThat(events).hasSize(2);
        assertThat(events.get(0).event()).isEqualTo("miss");
        assertThat(events.get(0).bytes()).isEqualTo(42);
        assertThat(events.get(0).at()).isEqualTo(Instant.ofEpochMilli(1234));
        assertThat(events.get(1).why()).startsWith("two?lines").hasSizeLessThan(600);
    }

    @Test
    void linesThatNobodyCanReadArePassedOver() throws Exception {
        EventLog log = new EventLog(layout, CLOCK);
        log.log(Event.Kind.HIT, "", "a", 0, 0, "");
        Files.writeString(
                layout.events(), Files.readString(layout.events()) + "{\"at\n\0\0\n" + "x".repeat(100_000) + "\n");
        log.log(Event.Kind.HIT, "", "b", 0, 0, "");
        assertThat(read(log)).extracting(Event::reference).containsExactly("a", "b");
    }

    @Test
    void theLogIsBounded() throws Exception {
        EventLog log = new EventLog(layout, CLOCK, 1000);
        for (int i = 0; i < 200; i++) {
            log.log(Event.Kind.HIT, "", "image-" + i, 0, 0, "");
        }
        try (Stream<Path> files = Files.list(layout.log())) {
            assertThat(files.count()).isLessThanOrEqualTo(EventLog.KEPT + 1L);
        }
        assertThat(read(log).getLast().reference()).isEqualTo("image-199");
    }

    @Test
    void aLogThatCannotBeWrittenFailsNothing() throws Exception {
        Files.createSymbolicLink(layout.events(), directory.resolve("elsewhere"));
        new EventLog(layout, CLOCK).log(Event.Kind.HIT, "", "a", 0, 0, "");
        assertThat(directory.resolve("elsewhere")).doesNotExist();
    }

    private static List<Event> read(EventLog log) throws IOException {
        List<Event> events = new ArrayList<>();
        log.read(events::add);
        return events;
    }
}
