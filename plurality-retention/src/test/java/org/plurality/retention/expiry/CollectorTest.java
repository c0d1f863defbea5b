// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.expiry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.cache.Cache;
import org.plurality.cache.Entry;
import org.plurality.cache.Pins;
import org.plurality.cache.Publication;
import org.plurality.cache.SampleEntry;
import org.plurality.cache.SharedCache;
import org.plurality.cache.WithdrawnEntry;
import org.plurality.lease.Holder;
import org.plurality.lease.Lease;
import org.plurality.lease.LeaseId;
import org.plurality.lease.Leases;
import org.plurality.process.ProcessIdentity;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;
import org.plurality.retention.leases.LeaseKeeper;
import org.plurality.retention.leases.LeaseLimits;

class CollectorTest {
    private static final Digest ONE = SampleEntry.digest("one");
    private static final Digest TWO = SampleEntry.digest("two");
    private static final ImageReference NAME = ImageReference.parse("sample");
    private static final Pause NO_PAUSE = _ -> true;

    @TempDir
    private Path directory;

    private Cache cache;

    @BeforeEach
    void publishTwo() throws Exception {
        cache = Cache.openOrCreate(directory.resolve("cache"));
        SampleEntry.publish(cache, ONE, "{}");
        SampleEntry.publish(cache, TWO, "{}");
        cache.record(NAME, Platform.current(), ONE, Instant.EPOCH);
    }

    @Test
    void whatNobodyUsesGoesWithItsNames() throws Exception {
        Collector.Outcome outcome = expire(Duration.ZERO, NO_PAUSE);
        assertThat(outcome.expired()).hasSize(2);
        assertThat(cache.digests()).isEmpty();
        assertThat(cache.references()).isEmpty();
        assertThat(left("trash")).isEmpty();
        assertThat(left("tmp")).isEmpty();
    }

    @Test
    void lastUseIsWhenALeaseCameOrWent() throws Exception {
        for (Digest digest : List.of(ONE, TWO)) {
            age(cache.layout().entryDocument(cache.layout().image(digest)), Duration.ofDays(40));
            age(cache.layout().leases(digest), Duration.ofDays(40));
        }
        age(cache.layout().reference(NAME, Platform.current()), Duration.ofDays(40));
        new Leases(cache.layout()).touch(TWO);
        assertThat(titles(expire(Duration.ofDays(30), NO_PAUSE))).containsExactly(ONE);
        assertThat(cache.digests()).containsExactly(TWO);
    }

    @Test
    void whatStrangersDoAmongASitesLeasesMarksAUseForABoundedTimeOnly() throws Exception {
        cache = SharedCache.make(cache.layout().root(), true, null);
        cache.forget(ONE);
        for (Digest digest : List.of(ONE, TWO)) {
            age(cache.layout().entryDocument(cache.layout().image(digest)), Duration.ofDays(80));
        }
        // A pass has seen a job there that the scheduler knew.
        Path seen = cache.layout().holdMarks().resolve(TWO.hex() + "-used");
        Files.createDirectories(cache.layout().holdMarks());
        age(Files.createFile(seen), Duration.ofDays(35));
        new Leases(cache.layout()).touch(ONE);
        new Leases(cache.layout()).touch(TWO);
        assertThat(titles(expire(Duration.ofDays(40), NO_PAUSE))).containsExactly(ONE);
    }

    @Test
    void aPassNotesThatTheOwnerHoldsAnImageOfASitesCache() throws Exception {
        cache = SharedCache.make(cache.layout().root(), true, null);
        lease(ONE, new Holder.LocalProcess(ProcessIdentity.current()));
        expire(Duration.ofDays(40), NO_PAUSE);
        assertThat(cache.layout().holdMarks().resolve(ONE.hex() + "-used")).exists();
        assertThat(cache.layout().holdMarks().resolve(TWO.hex() + "-used")).doesNotExist();
    }

    @Test
    void aMarkThatCannotBeChangedDoesNotEndAPass() throws Exception {
        cache = SharedCache.make(cache.layout().root(), true, null);
        Path marks = cache.layout().holdMarks();
        // What nobody can write to or remove, not even root.
        for (String name : List.of(ONE.hex() + "-used", ONE.hex() + "-4711")) {
            Files.createDirectories(marks.resolve(name).resolve("x"));
            age(marks.resolve(name), Duration.ofDays(99));
        }
        lease(ONE, new Holder.LocalProcess(ProcessIdentity.current()));
        lease(TWO, new Holder.LocalProcess(ProcessIdentity.current()));
        assertThat(expire(Duration.ofDays(40), NO_PAUSE).problems()).isEmpty();
        assertThat(marks.resolve(TWO.hex() + "-used")).exists();
    }

    @Test
    void whatIsUsedBetweenTheSurveyAndItsTurnStays() throws Exception {
        Collector collector = collector(Duration.ZERO, NO_PAUSE);
        CacheSnapshot survey = collector.survey(collector.now());
        Thread.sleep(20);
        new Leases(cache.layout()).touch(ONE);
        Map<Digest, String> kept = new HashMap<>();
        assertThat(titles(collector.run(survey, new ArrayList<>(), kept, _ -> {})))
                .containsExactly(TWO);
        assertThat(kept).containsExactly(Map.entry(ONE, "used meanwhile"));
        assertThat(cache.digests()).containsExactly(ONE);
    }

    @Test
    void whatAKilledLaunchLeftAmongTheLeasesIsNoUse() throws Exception {
        Path left = cache.layout().leases(ONE).resolve("new-x~none~0~1~1~~0");
        Files.createDirectories(left.getParent());
        Files.createFile(left);
        age(left, Duration.ofDays(1).plusMinutes(1));
        age(cache.layout().leases(ONE), Duration.ofDays(1));
        assertThat(expire(Duration.ZERO, NO_PAUSE).expired()).hasSize(2);
        assertThat(left).doesNotExist();
    }

    @Test
    void leasedAndPinnedImagesStay() throws Exception {
        lease(ONE, new Holder.LocalProcess(ProcessIdentity.current()));
        new Pins(cache.layout()).pin(TWO, "ada", Instant.EPOCH);
        assertThat(expire(Duration.ZERO, NO_PAUSE).expired()).isEmpty();
        assertThat(cache.digests()).hasSize(2);
        new Pins(cache.layout()).unpin(TWO);
        assertThat(titles(expire(Duration.ZERO, NO_PAUSE))).containsExactly(TWO);
    }

    @Test
    void aReplacedImageStaysWhileWhoHeldItDoesAndGoesThen() throws Exception {
        lease(ONE, new Holder.LocalProcess(ProcessIdentity.current()));
        replace(ONE);
        assertThat(left("trash")).hasSize(1);
        expire(Duration.ofDays(1), NO_PAUSE);
        assertThat(left("trash")).hasSize(1);
        new Leases(cache.layout()).release(ONE, new LeaseId("lease"));
        // After the hosts have forgotten the old one, whoever comes holds the new.
        Thread.sleep(20);
        lease(ONE, new Holder.LocalProcess(ProcessIdentity.current()), "later");
        expire(Duration.ofDays(1), NO_PAUSE);
        assertThat(left("trash")).isEmpty();
        assertThat(cache.find(ONE)).isPresent();
    }

    @Test
    void anImageThatLostItsNameToAReplacementThatDiedGetsItBack() throws Exception {
        replace(ONE);
        Path old = left("trash").getFirst();
        cache.withdraw(ONE).orElseThrow().delete();
        String owner = Files.readString(old.resolve("owner.json"));
        Files.writeString(
                old.resolve("owner.json"), owner.replaceFirst("\"startTicks\" : [0-9]+", "\"startTicks\" : 1"));
        Files.delete(old.resolve("settled"));
        expire(Duration.ofDays(1), NO_PAUSE);
        assertThat(cache.find(ONE)).isPresent();
        assertThat(left("trash")).isEmpty();
    }

    @Test
    void theOnlyCopyIsNotDeletedBecauseWhoWasToReplaceItIsOnAnotherHost() throws Exception {
        replace(ONE);
        Path old = left("trash").getFirst();
        cache.withdraw(ONE).orElseThrow().delete();
        String owner = Files.readString(old.resolve("owner.json"));
        Files.writeString(
                old.resolve("owner.json"), owner.replaceFirst("\"host\" : \"[^\"]+", "\"host\" : \"elsewhere"));
        Files.delete(old.resolve("settled"));
        Thread.sleep(20);
        expire(Duration.ofDays(1), NO_PAUSE);
        assertThat(old.resolve("image")).isDirectory();
        // A day later it is taken for dead.
        age(old, Duration.ofDays(2));
        expire(Duration.ofDays(9), NO_PAUSE);
        assertThat(cache.find(ONE)).isPresent();
    }

    @Test
    void aReplacedImageDoesNotComeBackWhenTheNewOneHasGone() throws Exception {
        replace(ONE);
        Path old = left("trash").getFirst();
        cache.withdraw(ONE).orElseThrow().delete();
        String owner = Files.readString(old.resolve("owner.json"));
        Files.writeString(
                old.resolve("owner.json"), owner.replaceFirst("\"startTicks\" : [0-9]+", "\"startTicks\" : 1"));
        Thread.sleep(20);
        expire(Duration.ofDays(1), NO_PAUSE);
        assertThat(cache.find(ONE)).isEmpty();
        assertThat(old).doesNotExist();
    }

    @Test
    void anImageThatIsLeasedDuringTheWaitIsBackBeforeTheWaitEnds() throws Exception {
        List<Duration> pauses = new ArrayList<>();
        Pause pause = length -> {
            pauses.add(length);
            if (pauses.size() == 2) {
                lease(ONE, new Holder.LocalProcess(current()));
            }
            // The third look comes after the lease: the image has its name, and the other waits on.
            assertThat(find(ONE).isPresent()).isEqualTo(pauses.size() > 2);
            return true;
        };
        ExpiryPolicy policy = new ExpiryPolicy(
                Optional.of(Duration.ZERO), Duration.ZERO, 0, Long.MAX_VALUE, Long.MAX_VALUE, 0, 90, List.of());
        LeaseKeeper keeper = new LeaseKeeper(cache.layout(), LeaseLimits.DEFAULT, Duration.ofSeconds(5));
        Collector.Outcome outcome =
                new Collector(cache, keeper, policy, Duration.ofMinutes(1), Duration.ofDays(1), pause).run(_ -> {});
        assertThat(titles(outcome)).containsExactly(TWO);
        assertThat(outcome.kept()).containsOnlyKeys(ONE);
        assertThat(pauses.stream().reduce(Duration.ZERO, Duration::plus)).isEqualTo(Duration.ofMinutes(1));
    }

    private void replace(Digest digest) throws Exception {
        try (Publication publication = cache.begin()) {
            Files.createDirectory(publication.directory().resolve("rootfs"));
            publication.replace(SampleEntry.document(digest, publication.nonce()));
        }
    }

    @Test
    void ofAnImageThatWasPulledAgainAfterAPassWasKilledNeitherCopyComesBack() throws Exception {
        assertThat(cache.withdraw(ONE)).isPresent();
        Path owner = left("trash").getFirst().resolve("owner.json");
        String document = Files.readString(owner);
        Files.writeString(owner, document.replaceFirst("\"startTicks\" : [0-9]+", "\"startTicks\" : 1"));
        SampleEntry.publish(cache, ONE, "{}");
        Thread.sleep(20);
        expire(Duration.ZERO, NO_PAUSE);
        assertThat(cache.digests()).isEmpty();
        assertThat(left("trash")).isEmpty();
    }

    @Test
    void anImageThatLostItsNameWhereThereWasNoRoomForADirectoryIsDecidedLikeOthers() throws Exception {
        Entry before = cache.find(ONE).orElseThrow();
        Path bare = cache.layout().trash().resolve(WithdrawnEntry.PREFIX + "1");
        Files.createDirectories(cache.layout().trash());
        Files.move(cache.layout().image(ONE), bare);
        assertThat(WithdrawnEntry.isPending(cache.layout(), ONE)).isTrue();
        expire(Duration.ofDays(1), NO_PAUSE);
        assertThat(bare).exists();
        age(bare, Duration.ofDays(2));
        expire(Duration.ofDays(90), NO_PAUSE);
        assertThat(cache.find(ONE)).contains(before);
        Files.move(cache.layout().image(ONE), bare);
        WithdrawnEntry.abandoned(cache.layout(), Duration.ZERO).getFirst().delete();
        assertThat(cache.find(ONE)).isEmpty();
        assertThat(left("trash")).isEmpty();
    }

    @Test
    void whatAProcessThatLivesCouldNotPutBackIsPutBackByALaterPass() throws Exception {
        assertThat(cache.withdraw(ONE)).isPresent();
        expire(Duration.ofDays(90), NO_PAUSE);
        assertThat(cache.find(ONE)).isEmpty();
        age(left("trash").getFirst(), Duration.ofHours(2));
        expire(Duration.ofDays(90), NO_PAUSE);
        assertThat(cache.find(ONE)).isPresent();
        assertThat(left("trash")).isEmpty();
    }

    @Test
    void leasesThatAreOverGoInTheSamePass() throws Exception {
        lease(ONE, new Holder.Until(Instant.EPOCH));
        Collector.Outcome outcome = expire(Duration.ZERO, NO_PAUSE);
        assertThat(outcome.leasesReaped()).isEqualTo(1);
        assertThat(titles(outcome)).contains(ONE);
    }

    @Test
    void anImageThatIsLeasedWhileHostsForgetItIsPutBack() throws Exception {
        Entry before = cache.find(ONE).orElseThrow();
        Collector.Outcome outcome = expire(Duration.ZERO, _ -> {
            assertThat(find(ONE)).isEmpty();
            lease(ONE, new Holder.LocalProcess(current()));
            return true;
        });
        assertThat(outcome.kept()).containsKey(ONE);
        assertThat(titles(outcome)).containsExactly(TWO);
        assertThat(cache.find(ONE)).contains(before);
        assertThat(cache.resolve(NAME, Platform.current())).isPresent();
    }

    @Test
    void anImageThatIsPinnedMeanwhileIsPutBack() throws Exception {
        Collector.Outcome outcome = expire(Duration.ZERO, _ -> {
            pin(ONE);
            return true;
        });
        assertThat(titles(outcome)).containsExactly(TWO);
        assertThat(cache.find(ONE)).isPresent();
    }

    @Test
    void aPassThatIsToldToEndPutsAllBack() throws Exception {
        Collector.Outcome outcome = expire(Duration.ZERO, _ -> false);
        assertThat(outcome.expired()).isEmpty();
        assertThat(cache.digests()).hasSize(2);
        assertThat(left("trash")).isEmpty();
        assertThat(titles(expire(Duration.ZERO, NO_PAUSE))).hasSize(2);
    }

    @Test
    void whatACollectorThatDiedLeftUndecidedIsDecidedAnew() throws Exception {
        lease(ONE, new Holder.LocalProcess(ProcessIdentity.current()));
        Path scratch = cache.layout().trash().resolve("out-died");
        Files.createDirectory(scratch);
        Files.writeString(scratch.resolve("owner.json"), """
            {"host":"%s","bootId":"before","pid":1,"startTicks":1,"digest":"%s"}\
            """.formatted(
                        ProcessIdentity.current().host(), ONE));
        Files.move(cache.layout().image(ONE), scratch.resolve("image"));
        assertThat(cache.find(ONE)).isEmpty();
        assertThat(titles(expire(Duration.ZERO, NO_PAUSE))).containsExactly(TWO);
        assertThat(cache.find(ONE)).isPresent();
        assertThat(left("trash")).isEmpty();
    }

    @Test
    void anImageWhoseDocumentIsDamagedStays() throws Exception {
        Path document = cache.layout().entryDocument(cache.layout().image(ONE));
        Files.delete(document);
        Files.writeString(document, "{");
        Collector.Outcome outcome = expire(Duration.ZERO, NO_PAUSE);
        assertThat(outcome.decisions()).anyMatch(decision -> decision.why().startsWith("cannot be read"));
        assertThat(titles(outcome)).containsExactly(TWO);
    }

    @Test
    void whatWasLeftForADayIsSweptAndWhatIsNewIsNot() throws Exception {
        Digest gone = SampleEntry.digest("gone");
        Files.createDirectory(cache.layout().leases(gone));
        Files.createDirectory(cache.layout().leases(SampleEntry.digest("coming")));
        age(cache.layout().leases(gone), Duration.ofDays(2));
        cache.record(ImageReference.parse("old"), Platform.current(), gone, Instant.EPOCH);
        cache.record(ImageReference.parse("new"), Platform.current(), gone, Instant.EPOCH);
        // What a host with another clock than the server's wrote at this moment, say.
        Files.setLastModifiedTime(
                cache.layout().reference(ImageReference.parse("new"), Platform.current()),
                FileTime.from(Instant.now().plusSeconds(60)));
        age(cache.layout().reference(ImageReference.parse("old"), Platform.current()), Duration.ofDays(2));
        Path lock = cache.layout().locks().resolve("pull-x.json");
        Files.writeString(lock, "{}");
        age(lock, Duration.ofDays(2));
        Collector.Outcome outcome = expire(Duration.ofDays(30), NO_PAUSE);
        assertThat(outcome.problems()).isEmpty();
        assertThat(cache.layout().leases(gone)).doesNotExist();
        assertThat(cache.layout().leases(SampleEntry.digest("coming"))).exists();
        assertThat(cache.references())
                .extracting(reference -> reference.reference().repository())
                .containsExactly("library/new", "library/sample");
        assertThat(lock).doesNotExist();
    }

    /** As a pass leaves it that is killed once it has deleted the image. */
    @Test
    void aNameOfAnImageThatIsGoneGoesAtOnce() throws Exception {
        cache.withdraw(ONE).orElseThrow().delete();
        assertThat(cache.references()).isNotEmpty();
        Thread.sleep(50);
        assertThat(expire(Duration.ofDays(30), NO_PAUSE).problems()).isEmpty();
        assertThat(cache.references()).isEmpty();
    }

    @Test
    void aNameOfAnImageThatAnotherPassMayPutBackStays() throws Exception {
        age(cache.layout().reference(NAME, Platform.current()), Duration.ofDays(40));
        WithdrawnEntry withdrawn = cache.withdraw(ONE).orElseThrow();
        assertThat(expire(Duration.ofDays(30), NO_PAUSE).problems()).isEmpty();
        assertThat(withdrawn.restore()).isTrue();
        assertThat(cache.references()).hasSize(1);
    }

    @Test
    void aNameThatIsWrittenAnewAtThatMomentStays() throws Exception {
        Collector.Outcome outcome = expire(Duration.ZERO, _ -> {
            record(TWO);
            return true;
        });
        assertThat(outcome.problems()).isEmpty();
        assertThat(cache.resolve(NAME, Platform.current()).orElseThrow().digest())
                .isEqualTo(TWO);
    }

    @Test
    void aPlanChangesNothing() throws Exception {
        lease(ONE, new Holder.Until(Instant.EPOCH));
        Collector collector = collector(Duration.ZERO, NO_PAUSE);
        List<Decision> plan = collector.plan(collector.survey(Instant.now().plusSeconds(60)));
        assertThat(plan).filteredOn(Decision::expires).hasSize(2);
        assertThat(cache.digests()).hasSize(2);
        assertThat(new Leases(cache.layout()).of(ONE)).hasSize(1);
    }

    private Collector.Outcome expire(Duration after, Pause pause) throws Exception {
        return collector(after, pause).run(_ -> {});
    }

    private Collector collector(Duration after, Pause pause) throws Exception {
        ExpiryPolicy policy = new ExpiryPolicy(
                Optional.of(after), Duration.ZERO, 0, Long.MAX_VALUE, Long.MAX_VALUE, 0, 90, List.of());
        return new Collector(
                cache,
                new LeaseKeeper(cache.layout(), LeaseLimits.DEFAULT, Duration.ofSeconds(5)),
                policy,
                Duration.ofMillis(1),
                Duration.ofDays(1),
                pause);
    }

    private static List<Digest> titles(Collector.Outcome outcome) {
        return outcome.expired().stream()
                .map(decision -> decision.candidate().digest())
                .toList();
    }

    private Optional<Entry> find(Digest digest) {
        try {
            return cache.find(digest);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static ProcessIdentity current() {
        try {
            return ProcessIdentity.current();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void lease(Digest digest, Holder holder) {
        lease(digest, holder, "lease");
    }

    private void lease(Digest digest, Holder holder, String id) {
        try {
            new Leases(cache.layout()).take(new Lease(new LeaseId(id), digest, holder, "ada", Instant.EPOCH));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private void pin(Digest digest) {
        try {
            new Pins(cache.layout()).pin(digest, "ada", Instant.EPOCH);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private void record(Digest digest) {
        try {
            cache.record(NAME, Platform.current(), digest, Instant.EPOCH);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void age(Path path, Duration age) throws IOException {
        Files.setLastModifiedTime(path, FileTime.from(Instant.now().minus(age)));
    }

    private List<Path> left(String name) throws IOException {
        try (Stream<Path> files = Files.list(cache.layout().root().resolve(name))) {
            return files.toList();
        }
    }
}
