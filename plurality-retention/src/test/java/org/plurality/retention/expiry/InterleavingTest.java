// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.expiry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.plurality.cache.Cache;
import org.plurality.cache.CacheLayout;
import org.plurality.cache.DurableFiles;
import org.plurality.cache.SampleEntry;
import org.plurality.cache.WithdrawnEntry;
import org.plurality.lease.FoundLease;
import org.plurality.lease.Holder;
import org.plurality.lease.Lease;
import org.plurality.lease.LeaseId;
import org.plurality.lease.Leases;
import org.plurality.process.ProcessIdentity;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;
import org.plurality.retention.leases.JudgedLease;
import org.plurality.retention.leases.LeaseKeeper;
import org.plurality.retention.leases.LeaseLimits;
import org.plurality.retention.leases.LeaseSnapshot;
import org.plurality.stepped.Schedule;
import org.plurality.stepped.SteppedFileSystem;

/**
 * A pull, a launch and two expiries of one image, of which the calls to the filesystem come in thousands of orders. Whoever holds a lease and
 * has found the image can read all of it until the lease ends.
 */
@Tag("slow")
class InterleavingTest {
    private static final int SCHEDULES = Integer.getInteger("plurality.schedules", 5_000);
    private static final Digest IMAGE = SampleEntry.digest("one");
    private static final ImageReference NAME = ImageReference.parse("sample");
    private static final ExpiryPolicy EVERYTHING = new ExpiryPolicy(
            Optional.of(Duration.ZERO), Duration.ZERO, 0, Long.MAX_VALUE, Long.MAX_VALUE, 0, 90, List.of());

    private Path directory;
    private int found;
    private int expired;
    private int putBack;
    private int spares;

    @BeforeEach
    void makeDirectory() throws IOException {
        Path memory = Path.of("/dev/shm");
        directory = Files.isWritable(memory)
                ? Files.createTempDirectory(memory, "plurality")
                : Files.createTempDirectory("plurality");
    }

    @AfterEach
    void removeDirectory() throws IOException {
        DurableFiles.deleteTree(directory);
    }

    /** A pass, as one of the actors. */
    @FunctionalInterface
    private interface Expiry {
        void run(Schedule schedule, Path root) throws Exception;
    }

    @Test
    void leasedMeansReadableAndComplete() throws Exception {
        for (int seed = 0; seed < SCHEDULES; seed++) {
            try {
                run(seed, this::expire, true);
            } catch (AssertionError e) {
                throw new AssertionError("schedule " + seed + ": " + e.getMessage(), e);
            }
        }
        System.out.println(
                SCHEDULES + " schedules: the launch found the image in " + found + ", an expiry removed it in "
                        + expired + ", put it back in " + putBack + ", and could not in " + spares);
        // All that can happen did, many times.
        assertThat(List.of(found, expired, putBack)).allMatch(times -> times > SCHEDULES / 200);
    }

    @Test
    void aLeaseThatIsRenewedIsNotReaped() throws Exception {
        assertThat(firstLostRenewal(LeaseKeeper::reap)).isEqualTo(SCHEDULES / 5);
    }

    @Test
    void aReaperThatRemovesByNameIsFoundOut() throws Exception {
        assertThat(firstLostRenewal((_, census) -> reapByName(census))).isLessThan(SCHEDULES / 5);
    }

    /** A directory in which nobody had a lease for long is swept, while a job takes one there or the image is published again. */
    @Test
    void aSweepTakesNoLeaseThatItHasNotJudgedAndNoPublishedImagesDirectory() throws Exception {
        for (int seed = 0; seed < SCHEDULES / 5; seed++) {
            Schedule schedule = new Schedule(seed, 5 + seed % 60);
            Path root = directory.resolve("swept-" + seed);
            Cache real = Cache.openOrCreate(root);
            Leases leases = new Leases(real.layout());
            leases.take(until(Instant.EPOCH));
            Path place = real.layout().leases(IMAGE);
            FileTime longAgo = FileTime.from(Instant.now().minus(Duration.ofDays(2)));
            Files.setLastModifiedTime(place.resolve("renewed.json"), longAgo);
            Files.setLastModifiedTime(place, longAgo);
            Path stepped = new SteppedFileSystem(schedule).wrap(root);
            Lease job = new Lease(
                    new LeaseId("job"),
                    IMAGE,
                    new Holder.LocalProcess(ProcessIdentity.current()),
                    "ada",
                    Instant.EPOCH);
            boolean isTaken = seed % 2 == 0;
            schedule.run(List.of(
                    () -> sweep(stepped),
                    isTaken ? () -> new Leases(new CacheLayout(stepped)).take(job) : () -> pull(stepped)));
            if (isTaken) {
                assertThat(leases.of(IMAGE)).as("schedule " + seed).contains(job);
            }
            if (real.find(IMAGE).isPresent()) {
                assertThat(place).as("schedule " + seed).isDirectory();
            }
            DurableFiles.deleteTree(root);
        }
    }

    private static void sweep(Path root) throws Exception {
        Cache cache = Cache.open(root).orElseThrow();
        LeaseKeeper keeper = new LeaseKeeper(cache.layout(), LeaseLimits.DEFAULT, Duration.ofSeconds(1));
        Collector.Outcome outcome = new Collector(
                        cache, keeper, ExpiryPolicy.NONE, Duration.ofMillis(1), Duration.ZERO, _ -> true)
                .run(_ -> {});
        assertThat(outcome.problems()).isEmpty();
    }

    /** What takes away the leases that are over. */
    @FunctionalInterface
    private interface Reaper {
        void reap(LeaseKeeper keeper, LeaseSnapshot census) throws Exception;
    }

    /** One process renews a lease that is over, while two others clear up. The schedule in which it is lost; their number when in none. */
    private int firstLostRenewal(Reaper reaper) throws Exception {
        for (int seed = 0; seed < SCHEDULES / 5; seed++) {
            Schedule schedule = new Schedule(seed, 5 + seed % 60);
            Path root = directory.resolve("renewed-" + seed);
            Leases leases = new Leases(Cache.openOrCreate(root).layout());
            leases.take(until(Instant.EPOCH));
            Path file = new CacheLayout(root).leases(IMAGE).resolve("renewed.json");
            Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
            Path stepped = new SteppedFileSystem(schedule).wrap(root);
            Lease renewed = until(Instant.now().plus(Duration.ofHours(1)).truncatedTo(ChronoUnit.MILLIS));
            schedule.run(List.of(
                    () -> new Leases(new CacheLayout(stepped)).replace(renewed),
                    () -> reap(schedule, stepped, reaper),
                    () -> reap(schedule, stepped, reaper)));
            if (!leases.of(IMAGE).equals(List.of(renewed))) {
                return seed;
            }
            DurableFiles.deleteTree(root);
        }
        return SCHEDULES / 5;
    }

    private static Lease until(Instant end) {
        return new Lease(new LeaseId("renewed"), IMAGE, new Holder.Until(end), "ada", Instant.EPOCH);
    }

    private static void reap(Schedule schedule, Path root, Reaper reaper) throws Exception {
        LeaseKeeper keeper = new LeaseKeeper(new CacheLayout(root), LeaseLimits.DEFAULT, Duration.ofSeconds(1));
        LeaseSnapshot census = keeper.census(List.of(IMAGE), Instant.now());
        schedule.step();
        reaper.reap(keeper, census);
    }

    private static void reapByName(LeaseSnapshot census) throws Exception {
        for (JudgedLease lease : census.of(IMAGE).leases()) {
            FoundLease found = lease.found();
            if (!lease.holds()
                    && Files.exists(found.file())
                    && Files.getLastModifiedTime(found.file()).toInstant().equals(found.modified())) {
                Files.deleteIfExists(found.file());
            }
        }
    }

    /** The model finds what a collector does wrong that believes its first look. */
    @Test
    void aCollectorThatDoesNotLookAgainIsFoundOut() {
        assertThat(firstViolation((_, root) -> expireCarelessly(root), true)).isLessThan(SCHEDULES);
    }

    @Test
    void aCollectorThatDeletesInPlaceIsFoundOut() {
        assertThat(firstViolation((_, root) -> expireInPlace(root), true)).isLessThan(SCHEDULES);
    }

    @Test
    void aLaunchThatLooksForTheImageBeforeItTakesItsLeaseIsFoundOut() {
        assertThat(firstViolation(this::expire, false)).isLessThan(SCHEDULES);
    }

    /** The schedule that shows it; their number when none does. */
    private int firstViolation(Expiry expiry, boolean leaseFirst) {
        for (int seed = 0; seed < SCHEDULES; seed++) {
            try {
                run(seed, expiry, leaseFirst);
            } catch (Exception | AssertionError e) {
                assertThat(e).hasMessageContaining("a leased image");
                return seed;
            }
        }
        return SCHEDULES;
    }

    private static void expireCarelessly(Path root) throws Exception {
        Cache cache = Cache.open(root).orElseThrow();
        if (new Leases(cache.layout()).of(IMAGE).isEmpty()) {
            Optional<WithdrawnEntry> image = cache.withdraw(IMAGE);
            if (image.isPresent()) {
                image.get().delete();
            }
        }
    }

    private static void expireInPlace(Path root) throws Exception {
        Cache cache = Cache.open(root).orElseThrow();
        if (new Leases(cache.layout()).of(IMAGE).isEmpty()) {
            DurableFiles.deleteTree(cache.layout().image(IMAGE));
        }
    }

    private void run(int seed, Expiry expiry, boolean leaseFirst) throws Exception {
        Random random = new Random(seed);
        Schedule schedule = new Schedule(seed, 5 + random.nextInt(60));
        Path root = directory.resolve("cache-" + seed);
        Cache real = Cache.openOrCreate(root);
        if (random.nextInt(4) > 0) {
            SampleEntry.publish(real, IMAGE, "{}");
            real.record(NAME, Platform.current(), IMAGE, Instant.EPOCH);
        }
        Path stepped = new SteppedFileSystem(schedule).wrap(root);
        Launch launch = new Launch(schedule, stepped, root, leaseFirst);
        schedule.run(List.of(
                launch, () -> pull(stepped), () -> expiry.run(schedule, stepped), () -> expiry.run(schedule, stepped)));
        launch.checkAndRelease();
        if (!WithdrawnEntry.spares(real.layout()).isEmpty()) {
            spares++;
            Thread.sleep(10);
            expire(schedule, root);
        }
        nothingIsLeft(real.layout());
        DurableFiles.deleteTree(root);
    }

    private static void pull(Path root) throws Exception {
        Cache cache = Cache.openOrCreate(root);
        if (cache.find(IMAGE).isEmpty()) {
            SampleEntry.publish(cache, IMAGE, "{}");
        }
        cache.record(NAME, Platform.current(), IMAGE, Instant.EPOCH);
    }

    private void expire(Schedule schedule, Path root) throws Exception {
        Cache cache = Cache.open(root).orElseThrow();
        LeaseKeeper keeper = new LeaseKeeper(cache.layout(), LeaseLimits.DEFAULT, Duration.ofSeconds(1));
        Pause pause = _ -> {
            for (int i = 0; i < 20; i++) {
                schedule.step();
            }
            return true;
        };
        Collector.Outcome outcome =
                new Collector(cache, keeper, EVERYTHING, Duration.ofMillis(1), Duration.ZERO, pause).run(_ -> {});
        assertThat(outcome.problems()).isEmpty();
        expired += outcome.expired().size();
        putBack += outcome.kept().size();
    }

    private static void nothingIsLeft(CacheLayout layout) throws IOException {
        for (Path place : List.of(layout.tmp(), layout.trash(), layout.locks())) {
            try (Stream<Path> left = Files.list(place)) {
                assertThat(left).as("left in " + place).isEmpty();
            }
        }
        Path image = layout.image(IMAGE);
        if (Files.exists(image, LinkOption.NOFOLLOW_LINKS)) {
            assertThat(image.resolve("entry.json")).exists();
            assertThat(image.resolve("rootfs/hello")).hasContent("hello");
        }
    }

    /** What plurality-exec does: a lease, then the entry; a withdrawn image may be back in a moment. */
    private final class Launch implements Schedule.Act {
        private final Schedule schedule;
        private final Path stepped;
        private final Path root;
        private final boolean leaseFirst;
        private @Nullable LeaseId lease;
        private boolean holds;

        Launch(Schedule schedule, Path stepped, Path root, boolean leaseFirst) {
            this.leaseFirst = leaseFirst;
            this.schedule = schedule;
            this.stepped = stepped;
            this.root = root;
        }

        @Override
        public void run() throws Exception {
            Cache cache = Cache.open(stepped).orElseThrow();
            Leases leases = new Leases(cache.layout());
            if (!leaseFirst && cache.find(IMAGE).isEmpty()) {
                return;
            }
            lease = leases.take(new Lease(
                            new LeaseId("process-1"),
                            IMAGE,
                            new Holder.LocalProcess(ProcessIdentity.current()),
                            "ada",
                            Instant.EPOCH))
                    .id();
            if (leaseFirst && cache.find(IMAGE).isEmpty()) {
                leases.release(IMAGE, lease);
                return;
            }
            holds = true;
            found++;
            // From now on it runs: whatever happens to the name, the files stay.
            Path image = new CacheLayout(root).image(IMAGE);
            try (SecureDirectoryStream<Path> open = openRootfs(image)) {
                for (int i = 0; i < 30; i++) {
                    schedule.step();
                    assertThat(isReadable(open))
                            .as("the files of a leased image")
                            .isTrue();
                }
            }
        }

        /** The name may be gone for the moment between a collector's rename and its second look. */
        @SuppressWarnings("StreamResourceLeak") // The caller closes it.
        private SecureDirectoryStream<Path> openRootfs(Path image) throws IOException {
            for (int look = 0; look < 20_000; look++) {
                if (Files.isDirectory(image.resolve("rootfs"))) {
                    return (SecureDirectoryStream<Path>) Files.newDirectoryStream(image.resolve("rootfs"));
                }
                schedule.step();
            }
            throw new AssertionError("a leased image never came back");
        }

        private static boolean isReadable(SecureDirectoryStream<Path> rootfs) throws IOException {
            try (var file = rootfs.newByteChannel(Path.of("hello"), Set.of(StandardOpenOption.READ))) {
                return file.size() == 5;
            } catch (NoSuchFileException e) {
                return false;
            }
        }

        /** When all collectors are done, a leased image is where it was. */
        void checkAndRelease() throws Exception {
            if (holds) {
                Cache cache = Cache.open(root).orElseThrow();
                assertThat(cache.find(IMAGE)).as("a leased image").isPresent();
                assertThat(cache.layout().image(IMAGE).resolve("rootfs/hello")).hasContent("hello");
                new Leases(cache.layout()).release(IMAGE, Objects.requireNonNull(lease));
            }
        }
    }
}
