// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.failure.PluralityException;
import org.plurality.stepped.Schedule;
import org.plurality.stepped.SteppedFileSystem;

class HeartbeatLockTest {
    @TempDir
    private Path directory;

    private CacheLayout layout;

    @BeforeEach
    void makeCache() throws PluralityException {
        layout = Cache.openOrCreate(directory).layout();
    }

    @Test
    void oneHoldsItAndTheNextGetsItAfterwards() throws Exception {
        try (HeartbeatLock held = HeartbeatLock.tryAcquire(layout, "image").orElseThrow()) {
            assertThat(held).isNotNull();
            assertThat(HeartbeatLock.tryAcquire(layout, "image")).isEmpty();
            assertThat(HeartbeatLock.owner(layout, "image")
                            .orElseThrow()
                            .process()
                            .pid())
                    .isEqualTo(ProcessHandle.current().pid());
        }
        Optional<HeartbeatLock> next = HeartbeatLock.tryAcquire(layout, "image");
        assertThat(next).isPresent();
        next.orElseThrow().close();
        assertThat(HeartbeatLock.owner(layout, "image")).isEmpty();
    }

    @Test
    void lockOfAProcessThatEndedHereIsTakenOverAtOnce() throws Exception {
        HeartbeatLock held = HeartbeatLock.tryAcquire(layout, "image").orElseThrow();
        Path file = layout.locks().resolve("image.json");
        String content = Files.readString(file).replaceAll("\"startTicks\" : [0-9]+", "\"startTicks\" : 1");
        Files.writeString(file, content.replaceAll("\"nonce\" : \"[^\"]+\"", "\"nonce\" : \"other\""));
        try (HeartbeatLock taken = HeartbeatLock.tryAcquire(layout, "image").orElseThrow()) {
            // The one that lost it must not remove its successor's.
            held.close();
            assertThat(HeartbeatLock.owner(layout, "image")).isPresent();
            assertThat(taken).isNotNull();
        }
        assertThat(file).doesNotExist();
    }

    @Test
    void lockFromElsewhereIsTakenOverOnlyOnceItStoodStill() throws Exception {
        Path file = layout.locks().resolve("image.json");
        Files.writeString(
                file,
                "{\"nonce\":\"n\",\"host\":\"other\",\"bootId\":\"b\",\"pid\":1,\"startTicks\":1,\"user\":\"u\"}");
        assertThat(HeartbeatLock.tryAcquire(layout, "image")).isEmpty();
        Files.setLastModifiedTime(
                file, FileTime.from(Instant.now().minus(HeartbeatLock.STALE).minusSeconds(1)));
        Optional<HeartbeatLock> taken = HeartbeatLock.tryAcquire(layout, "image");
        assertThat(taken).isPresent();
        taken.orElseThrow().close();
    }

    /** Both find it stale; the slower one may not take away what the faster one has made in its place. */
    @Test
    void oneOfTwoTakesAStaleLockOver() throws Exception {
        Path file = layout.locks().resolve("image.json");
        for (int seed = 0; seed < 500; seed++) {
            Files.writeString(
                    file,
                    "{\"nonce\":\"n\",\"host\":\"other\",\"bootId\":\"b\",\"pid\":1,\"startTicks\":1,\"user\":\"u\"}");
            Files.setLastModifiedTime(
                    file, FileTime.from(Instant.now().minus(HeartbeatLock.STALE).minusSeconds(1)));
            Schedule schedule = new Schedule(seed, 5 + seed % 60);
            CacheLayout stepped = new CacheLayout(new SteppedFileSystem(schedule).wrap(directory));
            List<HeartbeatLock> taken = new ArrayList<>();
            Schedule.Act taker =
                    () -> HeartbeatLock.tryAcquire(stepped, "image").ifPresent(taken::add);
            schedule.run(List.of(taker, taker));
            assertThat(taken).as("schedule " + seed).hasSize(1);
            assertThat(HeartbeatLock.look(layout, "image", Instant.now()))
                    .as("schedule " + seed)
                    .hasValueSatisfying(held -> assertThat(held.isStale()).isFalse());
            taken.getFirst().close();
            try (Stream<Path> left = Files.list(layout.locks())) {
                assertThat(left).as("schedule " + seed).isEmpty();
            }
        }
    }
}
