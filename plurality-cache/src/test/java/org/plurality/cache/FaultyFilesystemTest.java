// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.failure.PluralityException;
import org.plurality.lease.Holder;
import org.plurality.lease.Lease;
import org.plurality.lease.LeaseId;
import org.plurality.lease.Leases;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;
import org.plurality.stepped.Faults;
import org.plurality.stepped.Schedule;
import org.plurality.stepped.SteppedFileSystem;

/**
 * A filesystem of which each call that changes something fails once, in one run each, with each error that a full, failing or vanished
 * server gives; and one that renames and says that it did not. What is seen afterwards is whole, and the next attempt succeeds.
 */
@Tag("slow")
class FaultyFilesystemTest {
    private static final List<String> ERRORS =
            List.of("No space left on device", "Disk quota exceeded", "Input/output error", "Stale file handle");
    private static final Digest IMAGE = SampleEntry.digest("one");
    private static final ImageReference NAME = ImageReference.parse("sample");

    @TempDir
    private Path directory;

    /** What is tried in a cache. */
    @FunctionalInterface
    private interface Attempt {
        void run(Cache cache) throws Exception;
    }

    /** The nth change, or the nth rename, fails. */
    private static final class Once implements Faults {
        private final int at;
        private final String error;
        private final boolean ofReplies;
        private int calls;

        Once(int at, String error, boolean ofReplies) {
            this.at = at;
            this.error = error;
            this.ofReplies = ofReplies;
        }

        @Override
        public void before(Path path) throws IOException {
            failIf(!ofReplies, path);
        }

        @Override
        public void renamed(Path target) throws IOException {
            failIf(ofReplies, target);
        }

        private void failIf(boolean counts, Path path) throws IOException {
            if (counts && ++calls == at) {
                throw new FileSystemException(path.toString(), null, error);
            }
        }

        boolean hasFailed() {
            return calls >= at;
        }
    }

    @Test
    void publishingIsWholeOrNotThereWhateverCallFails() throws Exception {
        int faults = 0;
        for (String error : ERRORS) {
            faults += walk(error, false, false, FaultyFilesystemTest::publish);
        }
        assertThat(faults).isGreaterThan(60);
    }

    @Test
    void publishingSurvivesRenamesOfWhichTheReplyIsLost() throws Exception {
        assertThat(walk("Input/output error", true, false, FaultyFilesystemTest::publish))
                .isGreaterThan(2);
    }

    @Test
    void removingLeavesTheImageWholeOrGoneWhateverCallFails() throws Exception {
        int faults = 0;
        for (String error : ERRORS) {
            faults += walk(error, false, true, cache -> cache.remove(IMAGE));
        }
        assertThat(faults).isGreaterThan(25);
        assertThat(walk("Input/output error", true, true, cache -> cache.remove(IMAGE)))
                .isGreaterThan(1);
    }

    @Test
    void removedImageIsNotTakenBackByALaunchBeforeAnyCall() throws Exception {
        Path root = directory.resolve("cache");
        Cache real = Cache.openOrCreate(root);
        int calls = 1;
        for (int at = 1; at <= calls; at++) {
            publish(real);
            Before launch = new Before(at, () -> WithdrawnEntry.takeBack(real.layout(), IMAGE));
            Cache removing = Cache.open(new SteppedFileSystem(new Schedule(0, 0), launch).wrap(root))
                    .orElseThrow();
            assertThat(removing.remove(IMAGE)).isTrue();
            assertThat(real.find(IMAGE)).as("taken back before call %d", at).isEmpty();
            assertThat(real.layout().trash()).isEmptyDirectory();
            calls = launch.calls;
        }
        assertThat(calls).isGreaterThan(5);
    }

    /** A launch on another host that acts before one of a remover's calls. */
    private static final class Before implements Faults {
        private final int at;
        private final Launch launch;
        private int calls;

        Before(int at, Launch launch) {
            this.at = at;
            this.launch = launch;
        }

        @Override
        public void before(Path path) throws IOException {
            if (++calls == at) {
                boolean _ = launch.takeBack();
            }
        }
    }

    private interface Launch {
        boolean takeBack() throws IOException;
    }

    @Test
    void puttingBackLeavesTheImageWholeWhateverCallFails() throws Exception {
        Attempt putBack = cache -> {
            Optional<WithdrawnEntry> image = cache.withdraw(IMAGE);
            if (image.isPresent()) {
                assertThat(image.get().restore()).isTrue();
            }
        };
        for (String error : ERRORS) {
            assertThat(walk(error, false, true, putBack)).isGreaterThan(5);
        }
        assertThat(walk("Input/output error", true, true, putBack)).isGreaterThan(1);
    }

    @Test
    void aLeaseIsTakenWholeOrNotAtAllWhateverCallFails() throws Exception {
        for (String error : ERRORS) {
            assertThat(walk(error, false, true, FaultyFilesystemTest::lease)).isGreaterThan(1);
        }
        assertThat(walk("Input/output error", true, true, FaultyFilesystemTest::lease))
                .isGreaterThan(0);
    }

    @Test
    void allSucceedsWhereEachRenameLosesItsReplyAsOnNfs() throws Exception {
        Path root = directory.resolve("cache");
        Cache real = Cache.openOrCreate(root);
        Faults lost = new Faults() {
            @Override
            public void renamed(Path target) throws IOException {
                throw new NoSuchFileException(target.toString());
            }
        };
        Cache faulty = Cache.open(new SteppedFileSystem(new Schedule(0, 0), lost).wrap(root))
                .orElseThrow();
        publish(faulty);
        lease(faulty);
        new Leases(faulty.layout())
                .replace(new Lease(new LeaseId("job"), IMAGE, new Holder.SlurmJob("2"), "ada", Instant.EPOCH));
        new Pins(faulty.layout()).pin(IMAGE, "ada", Instant.EPOCH);
        assertThat(faulty.withdraw(IMAGE).orElseThrow().restore()).isTrue();
        isWhole(real);
        assertThat(real.find(IMAGE)).isPresent();
        assertThat(new Leases(real.layout()).of(IMAGE))
                .extracting(Lease::holder)
                .containsExactly(new Holder.SlurmJob("2"));
        assertThat(faulty.remove(IMAGE)).isTrue();
        for (Path place : List.of(real.layout().tmp(), real.layout().trash())) {
            assertThat(place).isEmptyDirectory();
        }
    }

    /** Tries it with a fault at the first call, the second, and so on until none is met; returns how many were. */
    private int walk(String error, boolean ofReplies, boolean published, Attempt attempt) throws Exception {
        for (int at = 1; ; at++) {
            Path root = directory.resolve("cache");
            Cache real = Cache.openOrCreate(root);
            if (published) {
                publish(real);
            }
            Once faults = new Once(at, error, ofReplies);
            Cache faulty = Cache.open(new SteppedFileSystem(new Schedule(0, 0), faults).wrap(root))
                    .orElseThrow();
            try {
                attempt.run(faulty);
            } catch (PluralityException | IOException e) {
                assertThat(e).hasMessageContaining(error);
            }
            isWhole(real);
            // What is left in trash/ undecided comes back, as a collector does it.
            publish(real);
            lease(real);
            isWhole(real);
            assertThat(real.find(IMAGE)).isPresent();
            assertThat(real.resolve(NAME, Platform.current())).isPresent();
            assertThat(new Leases(real.layout()).of(IMAGE)).hasSize(1);
            DurableFiles.deleteTree(root);
            if (!faults.hasFailed()) {
                return at - 1;
            }
        }
    }

    private static void isWhole(Cache cache) throws Exception {
        for (Entry entry : cache.entries()) {
            assertThat(entry.rootfs().resolve("hello")).hasContent("hello");
            assertThat(entry.config()).hasContent("{}");
        }
        for (Digest digest : cache.digests()) {
            assertThat(cache.find(digest)).as("a directory without a document").isPresent();
        }
        Path leases = cache.layout().leases(IMAGE);
        if (Files.isDirectory(leases)) {
            new Leases(cache.layout()).of(IMAGE);
        }
    }

    private static void publish(Cache cache) throws Exception {
        SampleEntry.publish(cache, IMAGE, "{}");
        cache.record(NAME, Platform.current(), IMAGE, Instant.EPOCH);
    }

    private static void lease(Cache cache) throws Exception {
        new Leases(cache.layout())
                .take(new Lease(new LeaseId("job"), IMAGE, new Holder.SlurmJob("1"), "ada", Instant.EPOCH));
    }
}
