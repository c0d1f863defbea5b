// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.cache.DedupeStore;
import org.plurality.cache.Entry;
import org.plurality.cache.RootfsKind;
import org.plurality.cache.WithdrawnEntry;

/** Images that share files stay independent of each other. */
class SharedFilesTest {
    /** In each of them, and the four that stage-in makes. */
    private static final String COMMON = "deep/er/two";

    @TempDir
    private Path root;

    private StagedImages images;
    private DedupeStore shared;

    @BeforeEach
    void start() throws Exception {
        images = new StagedImages(root).deduping();
        shared = new DedupeStore(images.cache().layout());
    }

    @AfterEach
    void stop() {
        images.close();
    }

    @Test
    void imagesThatShareFilesVerifyAndAreWhatTheyWouldBeWithout() throws Exception {
        Entry one = images.stage("1", RootfsKind.DIR);
        Entry two = images.stage("2", RootfsKind.DIR);
        assertThat(inode(two)).isEqualTo(inode(one));
        assertThat(verify(one).isWhole()).isTrue();
        assertThat(verify(two).isWhole()).isTrue();
        DedupeStore.Saved saved = shared.saved();
        assertThat(saved.inodes()).isEqualTo(5);
        assertThat(saved.bytes()).isEqualTo(300_000);
        assertThat(two.document().bytes()).isEqualTo(one.document().bytes());
        assertThat(two.document().inodes()).isEqualTo(one.document().inodes());
    }

    @Test
    void anImageThatGoesTakesNothingFromAnother() throws Exception {
        Entry one = images.stage("1", RootfsKind.DIR);
        Entry two = images.stage("2", RootfsKind.DIR);
        withdraw(one);
        shared.sweep();
        assertThat(verify(two).isWhole()).isTrue();
        assertThat(shared.saved()).isEqualTo(new DedupeStore.Saved(7, 0, 0));
        withdraw(two);
        assertThat(shared.sweep()).isEqualTo(7);
        assertThat(shared.saved().names()).isZero();
    }

    @Tag("slow")
    @Test
    void aRepairLeavesTheFileOfAnotherImageAlone() throws Exception {
        Entry one = images.stage("1", RootfsKind.DIR);
        Entry two = images.stage("2", RootfsKind.DIR);
        Path file = two.rootfs().resolve(COMMON);
        FileTime before = Files.getLastModifiedTime(file);
        byte[] bytes = Files.readAllBytes(file);
        bytes[77]++;
        Files.write(file, bytes);
        Files.setLastModifiedTime(file, before);
        assertThat(verify(one).damage()).extracting(Damage::where).containsExactly("rootfs/" + COMMON);
        Object damaged = inode(one);
        assertThat(images.restage(one, "1")).isTrue();
        Entry repaired = images.cache().find(one.document().digest()).orElseThrow();
        assertThat(verify(repaired).isWhole()).isTrue();
        assertThat(inode(repaired)).isNotEqualTo(damaged);
        assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
        assertThat(images.restage(two, "2")).isTrue();
        Entry second = images.cache().find(two.document().digest()).orElseThrow();
        assertThat(verify(second).isWhole()).isTrue();
        assertThat(inode(second)).isEqualTo(inode(repaired));
    }

    @Test
    void namesAreSweptWhenImagesWentOrADayIsOver() throws Exception {
        withdraw(images.stage("1", RootfsKind.DIR));
        Instant now = Instant.now();
        assertThat(shared.sweepNowAndThen(now, false)).isEqualTo(7);
        withdraw(images.stage("2", RootfsKind.DIR));
        assertThat(shared.sweepNowAndThen(now, false)).isZero();
        assertThat(shared.sweepNowAndThen(now.plus(Duration.ofHours(25)), false))
                .isEqualTo(7);
        withdraw(images.stage("3", RootfsKind.DIR));
        assertThat(shared.sweepNowAndThen(now, true)).isEqualTo(7);
    }

    @Test
    void onlyWhoAsksForItSharesFiles() throws Exception {
        try (StagedImages usual = new StagedImages(root.resolve("usual"))) {
            usual.stage("1", RootfsKind.DIR);
            assertThat(usual.cache().layout().shared()).doesNotExist();
            assertThat(new DedupeStore(usual.cache().layout()).sweepNowAndThen(Instant.now(), true))
                    .isZero();
        }
    }

    private void withdraw(Entry entry) throws Exception {
        WithdrawnEntry gone = images.cache().withdraw(entry.document().digest()).orElseThrow();
        gone.delete();
        try (Stream<Path> trash = Files.list(images.cache().layout().trash())) {
            assertThat(trash).isEmpty();
        }
    }

    private Verified verify(Entry entry) throws Exception {
        return new Verifier(images.cache(), _ -> {})
                .verify(entry.document().digest(), true)
                .orElseThrow();
    }

    private static Object inode(Entry entry) throws Exception {
        return Objects.requireNonNull(Files.getAttribute(entry.rootfs().resolve(COMMON), "unix:ino"));
    }
}
