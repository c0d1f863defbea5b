// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.leases;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.cache.Cache;
import org.plurality.cache.CacheLayout;
import org.plurality.cache.SampleEntry;
import org.plurality.reference.Digest;

class UnverifiedHoldLedgerTest {
    private static final Digest IMAGE = SampleEntry.digest("one");
    private static final Instant NOW = Instant.ofEpochSecond(2_000_000_000);
    private static final Duration OLDEST = Duration.ofDays(60);
    private static final long STRANGER = 4711;

    @TempDir
    private Path directory;

    private CacheLayout layout;

    @BeforeEach
    void makeCache() throws Exception {
        layout = Cache.openOrCreate(directory.resolve("cache")).layout();
    }

    @Test
    void aMarkIsMadeOnceAndGoesAtItsEnd() throws Exception {
        mark(NOW.minus(Duration.ofDays(61)), 4712);
        UnverifiedHoldLedger marks = UnverifiedHoldLedger.read(layout);
        marks.want(IMAGE, STRANGER);
        marks.write(NOW, OLDEST);
        assertThat(layout.holdMarks().toFile().list()).containsExactly(IMAGE.hex() + "-" + STRANGER);
    }

    @Test
    void aMarkThatCannotBeMadeOrRemovedDoesNotKeepTheOthersFromIt() throws Exception {
        // Directories with something in them, which not even root writes to or removes as files.
        Files.createDirectories(layout.holdMarks().resolve(IMAGE.hex() + "-used/x"));
        Files.createDirectories(layout.holdMarks().resolve(IMAGE.hex() + "-4712/x"));
        for (String name : new String[] {"-used", "-4712"}) {
            Files.setLastModifiedTime(layout.holdMarks().resolve(IMAGE.hex() + name), FileTime.from(Instant.EPOCH));
        }
        mark(NOW.minus(Duration.ofDays(61)), 4713);
        UnverifiedHoldLedger marks = UnverifiedHoldLedger.read(layout);
        marks.wantUsed(IMAGE);
        marks.want(IMAGE, STRANGER);
        marks.write(NOW, OLDEST);
        assertThat(layout.holdMarks().toFile().list())
                .containsExactlyInAnyOrder(IMAGE.hex() + "-used", IMAGE.hex() + "-4712", IMAGE.hex() + "-" + STRANGER);
    }

    @Test
    void aMarksTimeBeyondAllDatesCountsAsNow() throws Exception {
        mark(NOW.plusSeconds(1), STRANGER);
        assertThat(UnverifiedHoldLedger.read(layout).since(IMAGE, STRANGER, NOW, OLDEST))
                .isEqualTo(NOW);
        mark(NOW.minusSeconds(1), STRANGER);
        assertThat(UnverifiedHoldLedger.read(layout).since(IMAGE, STRANGER, NOW, OLDEST))
                .isEqualTo(NOW.minusSeconds(1));
        mark(NOW.minus(Duration.ofDays(61)), STRANGER);
        assertThat(UnverifiedHoldLedger.read(layout).since(IMAGE, STRANGER, NOW, OLDEST))
                .isEqualTo(NOW.minus(Duration.ofDays(61)));
    }

    private void mark(Instant since, long uid) throws IOException {
        Files.createDirectories(layout.holdMarks());
        Path mark = layout.holdMarks().resolve(IMAGE.hex() + "-" + uid);
        Files.write(mark, new byte[0]);
        Files.setLastModifiedTime(mark, FileTime.from(since));
    }
}
