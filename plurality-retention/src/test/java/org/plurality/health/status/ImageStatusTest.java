// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.cache.Cache;
import org.plurality.cache.HeartbeatLock;
import org.plurality.cache.SampleEntry;
import org.plurality.failure.PluralityException;
import org.plurality.health.events.Event;
import org.plurality.health.events.EventLog;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;

class ImageStatusTest {
    private static final Digest ONE = SampleEntry.digest("one");
    private static final Digest TWO = SampleEntry.digest("two");
    private static final ImageReference NAME = ImageReference.parse("sample");

    @TempDir
    private Path root;

    private Cache cache;

    @BeforeEach
    void open() throws Exception {
        cache = Cache.openOrCreate(root.resolve("cache"));
    }

    @Test
    void whatNobodyAskedForIsUnknown() throws Exception {
        assertThat(of("sample").state()).isEqualTo(ImageStatus.State.UNKNOWN);
    }

    @Test
    void aStagedImageIsFoundByNameAndDigestWithThoseThatTheNameStoodForBefore() throws Exception {
        SampleEntry.publish(cache, ONE, "{}");
        SampleEntry.publish(cache, TWO, "{}");
        cache.record(NAME, Platform.current(), TWO, Instant.EPOCH);
        ImageStatus.Answer answer = of("sample");
        assertThat(answer.state()).isEqualTo(ImageStatus.State.STAGED);
        assertThat(answer.earlier())
                .extracting(entry -> entry.document().digest())
                .containsExactly(ONE);
        assertThat(of(ONE.toString()).state()).isEqualTo(ImageStatus.State.STAGED);
    }

    @Test
    void whoStagesInIsNamedWhileTheyDoAndAbandonedOnceTheyAreSilent() throws Exception {
        try (HeartbeatLock _ = HeartbeatLock.tryAcquire(cache.layout(), "pull-" + ONE.hex(), NAME.toString())
                .orElseThrow()) {
            ImageStatus.Answer answer = of("sample");
            assertThat(answer.state()).isEqualTo(ImageStatus.State.STAGING);
            assertThat(answer.flights().getFirst().lock().owner().process().pid())
                    .isEqualTo(ProcessHandle.current().pid());
            assertThat(of("other").state()).isEqualTo(ImageStatus.State.UNKNOWN);
            Path lock = cache.layout().locks().resolve("pull-" + ONE.hex() + ".json");
            Files.setLastModifiedTime(lock, FileTime.fromMillis(1));
            assertThat(of("sample").state()).isEqualTo(ImageStatus.State.ABANDONED);
        }
    }

    @Test
    void theLastErrorCountsUntilAPullGoesWell() throws Exception {
        EventLog log = new EventLog(cache.layout(), Clock.systemUTC());
        log.log(Event.Kind.PULL_FAILED, "", NAME.toString(), 0, 0, "no route");
        ImageStatus.Answer failed = of("sample");
        assertThat(failed.state()).isEqualTo(ImageStatus.State.FAILED);
        assertThat(failed.lastError().orElseThrow().why()).isEqualTo("no route");
        log.log(Event.Kind.MISS, ONE.toString(), NAME.toString(), 1, 0, "");
        log.log(Event.Kind.EXPIRED, ONE.toString(), NAME.toString(), 1, 0, "old");
        assertThat(of("sample").state()).isEqualTo(ImageStatus.State.GONE);
        assertThat(of("sample").lastError()).isEmpty();
    }

    private ImageStatus.Answer of(String text) throws PluralityException {
        return new ImageStatus(cache).of(text, Platform.current());
    }
}
