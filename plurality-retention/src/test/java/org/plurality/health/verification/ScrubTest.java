// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.cache.Entry;
import org.plurality.cache.RootfsKind;
import org.plurality.health.events.Event;
import org.plurality.health.events.EventLog;
import org.plurality.reference.Digest;

@Tag("slow")
class ScrubTest {
    @TempDir
    private Path root;

    private StagedImages images;

    @BeforeEach
    void start() throws Exception {
        images = new StagedImages(root);
        for (String tag : List.of("1", "2", "3", "4")) {
            images.stage(tag, RootfsKind.DIR);
        }
    }

    @AfterEach
    void stop() {
        images.close();
    }

    @Test
    void aShareIsReadEachTimeAndAllInTurn() {
        for (int night = 1; night <= 4; night++) {
            assertThat(scrub(25).images()).isEqualTo(1);
            assertThat(marks().count(digests()).images()).isEqualTo(night);
        }
        assertThat(scrub(100).images()).isEqualTo(4);
    }

    @Test
    void damageIsToldAndLogged() throws Exception {
        Entry entry = images.cache().entries().get(2);
        Path file = entry.rootfs().resolve("a.c");
        var time = Files.getLastModifiedTime(file);
        Files.writeString(file, "X" + Files.readString(file).substring(1));
        Files.setLastModifiedTime(file, time);
        Scrub.Outcome outcome = scrub(100);
        assertThat(outcome.damaged()).hasSize(1);
        assertThat(outcome.damaged().getFirst().digest())
                .isEqualTo(entry.document().digest());
        assertThat(marks().count(digests()).damaged()).isEqualTo(1);
        List<String> events = new ArrayList<>();
        log().read(event -> events.add(event.event()));
        assertThat(events).containsExactly(Event.Kind.DAMAGED.label(), Event.Kind.VERIFIED.label());
    }

    @Test
    void aNewPublicationComesFirstAndMarksOfGoneImagesGo() throws Exception {
        scrub(100);
        Entry entry = images.cache().entries().get(3);
        assertThat(images.restage(entry, tagOf(entry))).isTrue();
        scrub(1);
        assertThat(marks().of(entry.document().digest()).orElseThrow().publication())
                .isEqualTo(images.cache().entries().get(3).document().publication());
        images.cache().remove(entry.document().digest());
        scrub(1);
        assertThat(marks().of(entry.document().digest())).isEmpty();
    }

    @Test
    void itEndsWhenItsTimeIsOverOrItIsTold() {
        assertThat(new Scrub(images.cache(), log(), 100, Duration.ofHours(1), () -> true, System::nanoTime)
                        .run()
                        .images())
                .isZero();
        long[] now = new long[1];
        Scrub.Outcome outcome = new Scrub(
                        images.cache(), log(), 100, Duration.ofMinutes(1), () -> false, () -> now[0] += 40_000_000_000L)
                .run();
        assertThat(outcome.images()).isEqualTo(1);
    }

    private static String tagOf(Entry entry) {
        String name = entry.document().references().getFirst();
        return name.substring(name.lastIndexOf(':') + 1);
    }

    private Scrub.Outcome scrub(int percent) {
        return new Scrub(images.cache(), log(), percent, Duration.ofHours(1), () -> false, System::nanoTime).run();
    }

    private VerificationMarks marks() {
        return new VerificationMarks(images.cache().layout());
    }

    private EventLog log() {
        return new EventLog(images.cache().layout(), Clock.systemUTC());
    }

    private List<Digest> digests() {
        try {
            return images.cache().digests();
        } catch (org.plurality.failure.PluralityException e) {
            throw new AssertionError(e);
        }
    }
}
