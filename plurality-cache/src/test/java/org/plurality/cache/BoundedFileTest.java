// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class BoundedFileTest {
    @TempDir
    private Path directory;

    @Test
    void onlyRegularFilesWithinTheBoundAreRead() throws Exception {
        Path file = Files.write(directory.resolve("file"), new byte[10]);
        assertThat(BoundedFile.read(file, 10)).hasSize(10);
        assertThatThrownBy(() -> BoundedFile.read(file, 9)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> BoundedFile.read(directory.resolve("absent"))).isInstanceOf(NoSuchFileException.class);
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        assertThatThrownBy(() -> BoundedFile.read(link)).hasMessageContaining("not a regular file");
        assertThatThrownBy(() -> BoundedFile.read(directory)).hasMessageContaining("not a regular file");
    }

    @Test
    @Timeout(60)
    void aPipeOrADeviceInTheirPlaceKeepsNobodyWaiting() throws Exception {
        CacheLayout layout = Cache.openOrCreate(directory).layout();
        Path pipe = directory.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        Path lock = layout.locks().resolve("pull-1.json");
        Path left =
                Files.createDirectories(layout.trash().resolve("out-1/image")).resolveSibling(StaleFiles.OWNER);
        for (Path planted : new Path[] {pipe, Path.of("/dev/zero")}) {
            Files.createSymbolicLink(lock, planted);
            Files.createSymbolicLink(left, planted);
            assertThat(HeartbeatLock.look(layout, "pull-1", new ServerClock(layout.tmp()).now()))
                    .isEmpty();
            assertThat(HeartbeatLock.removeIfStale(layout, lock)).isTrue();
            assertThat(WithdrawnEntry.abandoned(layout, Duration.ofHours(1))).isEmpty();
            assertThat(WithdrawnEntry.spares(layout)).isEmpty();
            assertThat(SupersededEntry.all(layout)).isEmpty();
            Files.delete(left);
        }
        Files.move(pipe, lock);
        assertThat(HeartbeatLock.tryAcquire(layout, "pull-1")).isPresent();
    }
}
