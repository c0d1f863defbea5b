// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.process.ProcessIdentity;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;

class CacheTest {
    private static final Digest DIGEST = SampleEntry.digest("one");

    @TempDir
    private Path directory;

    private Cache cache;

    @BeforeEach
    void makeCache() throws PluralityException {
        cache = Cache.openOrCreate(directory.resolve("cache"));
    }

    @Test
    void cacheMayBeALinkToADirectoryThatIsNotThereYet(@TempDir Path place) throws Exception {
        Path link = Files.createSymbolicLink(place.resolve("link"), Path.of("to/cache"));
        Cache cache = Cache.openOrCreate(link);
        assertThat(place.resolve("to/cache/images")).isDirectory();
        assertThat(cache.layout().marker()).exists();
        assertThat(Cache.open(link)).isPresent();
        assertThat(Cache.openOrCreate(link).layout().marker()).exists();
    }

    @Test
    void whatIsPublishedIsFoundAndReadsBackEqual() throws Exception {
        Entry published = SampleEntry.publish(cache, DIGEST, "{}");
        Entry found = cache.find(DIGEST).orElseThrow();
        assertThat(found).isEqualTo(published);
        assertThat(found.rootfs().resolve("hello")).hasContent("hello");
        assertThat(EntryDocument.parse(found.document().toJson())).isEqualTo(found.document());
        assertThat(cache.entries()).containsExactly(found);
        assertThat(tmp()).isEmpty();
    }

    @Test
    void whatIsNotPublishedHasNoFinalNameAndLeavesNothing() throws Exception {
        try (Publication publication = cache.begin()) {
            Files.createDirectories(publication.directory().resolve("rootfs/a"));
            assertThat(cache.find(DIGEST)).isEmpty();
            assertThat(tmp()).hasSize(1);
        }
        assertThat(tmp()).isEmpty();
        assertThat(cache.entries()).isEmpty();
    }

    @Test
    void lostRaceKeepsTheFirstEntryAndDiscardsItsOwn() throws Exception {
        Entry first = SampleEntry.publish(cache, DIGEST, "{}");
        Entry second = SampleEntry.publish(cache, DIGEST, "{\"other\":1}");
        assertThat(second.document().publication()).isEqualTo(first.document().publication());
        assertThat(second.config()).hasContent("{}");
        assertThat(tmp()).isEmpty();
    }

    @Test
    void aDirectoryWithoutDocumentMakesRoomForTheImage() throws Exception {
        Path orphan = SampleEntry.publish(cache, DIGEST, "{}").directory();
        Files.delete(orphan.resolve("entry.json"));
        Entry published = SampleEntry.publish(cache, DIGEST, "{}");
        assertThat(cache.find(DIGEST)).contains(published);
        assertThat(published.config()).hasContent("{}");
        // Who runs from the old one goes on; an expiry removes it.
        assertThat(SupersededEntry.all(cache.layout())).hasSize(1);
    }

    @Test
    void manyPublishersAtOnceMakeOneEntryAndAllSucceed() throws Exception {
        int publishers = 16;
        CyclicBarrier start = new CyclicBarrier(publishers);
        List<Future<Entry>> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(publishers)) {
            for (int i = 0; i < publishers; i++) {
                results.add(threads.submit(() -> {
                    start.await();
                    Cache own = Cache.openOrCreate(directory.resolve("contended"));
                    return SampleEntry.publish(own, DIGEST, "{}");
                }));
            }
            String winner = results.get(0).get().document().publication();
            for (Future<Entry> result : results) {
                assertThat(result.get().document().publication()).isEqualTo(winner);
            }
        }
        Cache contended = Cache.open(directory.resolve("contended")).orElseThrow();
        assertThat(contended.entries()).hasSize(1);
        try (Stream<Path> left = Files.list(contended.layout().tmp())) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void referencesAreReplacedWholeAndKeptPerPlatform() throws Exception {
        ImageReference reference = ImageReference.parse("localhost:5000/a/b:v1");
        Platform amd = Platform.parse("linux/amd64");
        Platform arm = Platform.parse("linux/arm64");
        cache.record(reference, amd, DIGEST, Instant.EPOCH);
        cache.record(reference, arm, SampleEntry.digest("two"), Instant.EPOCH);
        cache.record(reference, amd, SampleEntry.digest("three"), Instant.EPOCH);
        assertThat(cache.resolve(reference, amd).orElseThrow().digest()).isEqualTo(SampleEntry.digest("three"));
        assertThat(cache.resolve(reference, arm).orElseThrow().digest()).isEqualTo(SampleEntry.digest("two"));
        assertThat(cache.references()).hasSize(2);
        assertThat(tmp()).isEmpty();
    }

    @Test
    void removeTakesAwayImageAndItsReferences() throws Exception {
        SampleEntry.publish(cache, DIGEST, "{}");
        ImageReference reference = ImageReference.parse("sample");
        cache.record(reference, Platform.current(), DIGEST, Instant.EPOCH);
        assertThat(cache.remove(DIGEST)).isTrue();
        assertThat(cache.remove(DIGEST)).isFalse();
        assertThat(cache.find(DIGEST)).isEmpty();
        assertThat(cache.resolve(reference, Platform.current())).isEmpty();
        try (Stream<Path> left = Files.list(cache.layout().trash())) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void anotherFormatIsRefused() throws IOException {
        Files.writeString(cache.layout().marker(), "{\"format\":2}");
        assertThatThrownBy(() -> Cache.open(directory.resolve("cache")))
                .isInstanceOfSatisfying(
                        PluralityException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.STORAGE))
                .hasMessageContaining("its format is 2");
    }

    @Test
    void damagedEntryIsAnErrorThatSaysHowToMendIt() throws Exception {
        Entry entry = SampleEntry.publish(cache, DIGEST, "{}");
        Files.writeString(cache.layout().entryDocument(entry.directory()), "{\"format\":1");
        assertThatThrownBy(() -> cache.find(DIGEST))
                .isInstanceOfSatisfying(
                        PluralityException.class, e -> assertThat(e.hint()).contains("plurality-stagein rm " + DIGEST));
    }

    @Test
    void leftoversOfAKilledPublisherAreSweptAndThoseOfALivingOneAreNot() throws Exception {
        Publication living = cache.begin();
        Path killed = Files.createDirectory(cache.layout().tmp().resolve("pub-killed"));
        String owner = Files.readString(living.scratch().resolve(StaleFiles.OWNER));
        Files.writeString(
                killed.resolve(StaleFiles.OWNER), owner.replaceAll("\"startTicks\" : [0-9]+", "\"startTicks\" : 1"));
        assertThat(new StaleFiles(cache.layout()).sweep()).isEqualTo(1);
        assertThat(killed).doesNotExist();
        assertThat(living.directory()).exists();
        living.close();
    }

    @Test
    void treesWithDirectoriesThatNobodyMayOpenAreDeleted() throws IOException {
        Path tree =
                Files.createDirectories(directory.resolve("tree/closed/inner")).resolve("../..");
        Files.writeString(directory.resolve("tree/closed/inner/file"), "x");
        Files.createSymbolicLink(directory.resolve("tree/link"), directory.resolve("outside"));
        Files.writeString(directory.resolve("outside"), "stays");
        Files.setPosixFilePermissions(
                directory.resolve("tree/closed/inner"), PosixFilePermissions.fromString("---------"));
        Files.setPosixFilePermissions(directory.resolve("tree/closed"), PosixFilePermissions.fromString("---------"));
        DurableFiles.deleteTree(tree.normalize());
        assertThat(directory.resolve("tree")).doesNotExist();
        assertThat(directory.resolve("outside")).hasContent("stays");
    }

    @Test
    void treesDeeperThanAnyPathAreDeleted() throws IOException {
        String longest = "d".repeat(250);
        Path chain = Files.createDirectories(directory.resolve("chain"));
        for (int i = 0; i < 20; i++) {
            Path above = Files.createDirectory(directory.resolve("above"));
            Files.move(chain, above.resolve(longest));
            Files.move(above, chain);
        }
        DurableFiles.deleteTree(chain);
        assertThat(chain).doesNotExist();
    }

    @Test
    void withdrawnImageIsNotFoundAndCanBePutBack() throws Exception {
        Entry published = SampleEntry.publish(cache, DIGEST, "{}");
        WithdrawnEntry withdrawn = cache.withdraw(DIGEST).orElseThrow();
        assertThat(cache.find(DIGEST)).isEmpty();
        // An old image, but only just withdrawn.
        new StaleFiles(cache.layout()).sweep();
        assertThat(withdrawn.restore()).isTrue();
        assertThat(cache.find(DIGEST)).contains(published);
        assertThat(children(cache.layout().trash())).isEmpty();
        assertThat(cache.withdraw(SampleEntry.digest("two"))).isEmpty();
        assertThat(children(cache.layout().trash())).isEmpty();
    }

    @Test
    void withdrawnImageThatIsOldIsNotSweptFromUnderItsRemover() throws Exception {
        Entry entry = SampleEntry.publish(cache, DIGEST, "{}");
        Files.setLastModifiedTime(
                entry.directory(), FileTime.from(Instant.now().minus(StaleFiles.ABANDONED.multipliedBy(2))));
        WithdrawnEntry withdrawn = cache.withdraw(DIGEST).orElseThrow();
        assertThat(new StaleFiles(cache.layout()).sweep()).isZero();
        assertThat(withdrawn.restore()).isTrue();
        assertThat(cache.find(DIGEST)).isPresent();
    }

    @Test
    void whatAnotherHostWithdrewIsAbandonedWhenThatIsSilent() throws Exception {
        SampleEntry.publish(cache, DIGEST, "{}");
        WithdrawnEntry withdrawn = cache.withdraw(DIGEST).orElseThrow();
        Path place = children(cache.layout().trash()).get(0);
        Path owner = place.resolve(StaleFiles.OWNER);
        Files.writeString(
                owner, Files.readString(owner).replaceFirst("\"host\" *: *\"[^\"]*\"", "\"host\":\"elsewhere\""));
        assertThat(WithdrawnEntry.abandoned(cache.layout(), Duration.ofMinutes(10)))
                .isEmpty();
        Files.setLastModifiedTime(place, FileTime.from(Instant.now().minus(Duration.ofMinutes(11))));
        assertThat(WithdrawnEntry.abandoned(cache.layout(), Duration.ofMinutes(12)))
                .isEmpty();
        List<WithdrawnEntry> abandoned = WithdrawnEntry.abandoned(cache.layout(), Duration.ofMinutes(10));
        assertThat(abandoned).hasSize(1);
        assertThat(abandoned.get(0).restore()).isTrue();
        // Its collector had only been stopped: what is back stays.
        withdrawn.delete();
        assertThat(cache.find(DIGEST)).isPresent();
    }

    @Test
    void imageThatWasPublishedAnewMeanwhileStaysAndTheOneBeforeKeepsItsFiles() throws Exception {
        SampleEntry.publish(cache, DIGEST, "{}");
        WithdrawnEntry withdrawn = cache.withdraw(DIGEST).orElseThrow();
        Entry second = SampleEntry.publish(cache, DIGEST, "{}");
        assertThat(withdrawn.restore()).isFalse();
        assertThat(cache.find(DIGEST)).contains(second);
        new StaleFiles(cache.layout()).sweep();
        WithdrawnEntry spare = WithdrawnEntry.spares(cache.layout()).getFirst();
        assertThat(cache.withdraw(DIGEST)).isPresent();
        assertThat(spare.restore()).isTrue();
        assertThat(cache.find(DIGEST).orElseThrow().rootfs().resolve("hello")).hasContent("hello");
        assertThat(WithdrawnEntry.spares(cache.layout())).isEmpty();
    }

    @Test
    void whatAKilledProcessLeftGoesAtOnceWhereItsNameSaysWhoseItWas() throws Exception {
        Path tmp = cache.layout().tmp();
        Path mine = Files.createFile(OwnerTaggedName.in(tmp, "ref"));
        ProcessIdentity self = ProcessIdentity.current();
        String ended = "ref-1~"
                + new ProcessIdentity(self.host(), self.bootId(), 4194305, 1, self.pidNamespace(), self.uid()).toName();
        Files.createFile(tmp.resolve(ended));
        Files.createDirectories(tmp.resolve("new" + ended).resolve("below"));
        assertThat(new StaleFiles(cache.layout()).sweep()).isEqualTo(2);
        assertThat(children(tmp)).containsExactly(mine);
    }

    @Test
    void modesAreNeverGivenToWhatALinkLeadsTo() throws Exception {
        Path secret = Files.writeString(directory.resolve("secret"), "");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        Path link = Files.createSymbolicLink(cache.layout().locks().resolve("link"), secret);
        assertThatThrownBy(() -> CachePermissions.shareFile(link)).isInstanceOf(IOException.class);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)))
                .isEqualTo("rw-------");
    }

    @Test
    void nothingIsMadeBehindALink() throws Exception {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Path link = Files.createSymbolicLink(cache.layout().refs().resolve("registry.example.org"), elsewhere);
        assertThatThrownBy(() -> CachePermissions.createDirectories(cache.layout(), link))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> CachePermissions.createDirectories(cache.layout(), link.resolve("group/_tags/1")))
                .isInstanceOf(IOException.class);
        assertThat(children(elsewhere)).isEmpty();
    }

    /** What is made anew takes after the directory above it, and that may be everybody's: /tmp, say. */
    @Test
    void aCacheThatIsTakenAwayIsNotMadeAgainByWhatStillWorksInIt() throws Exception {
        Path gone = directory.resolve("gone");
        Cache last = Cache.openOrCreate(gone);
        try (Stream<Path> all = Files.walk(gone)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
        assertThatThrownBy(() -> CachePermissions.createDirectories(
                        last.layout(), last.layout().log()))
                .isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> last.record(ImageReference.parse("sample"), Platform.current(), DIGEST, Instant.EPOCH))
                .isInstanceOf(PluralityException.class);
        assertThatThrownBy(() -> new Pins(last.layout()).pin(DIGEST, "me", Instant.EPOCH))
                .isInstanceOf(PluralityException.class);
        assertThat(gone).doesNotExist();
    }

    @Test
    void whatASiteLetsUsersReadTheyCanReadWhateverTheUmaskOfThePublisher() throws Exception {
        Path root = Files.createDirectory(directory.resolve("site"));
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxrwxr-x"));
        Cache site = Cache.openOrCreate(root);
        Entry entry;
        try (Publication publication = site.begin()) {
            CacheLayout layout = site.layout();
            for (Path file :
                    List.of(layout.manifest(publication.directory()), layout.config(publication.directory()))) {
                Files.writeString(file, "{}");
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            }
            entry = publication.publish(SampleEntry.document(DIGEST, publication.nonce()));
        }
        site.record(ImageReference.parse("sample"), Platform.current(), DIGEST, Instant.EPOCH);
        assertThat(mode(entry.directory())).isEqualTo("rwxr-xr-x");
        assertThat(mode(entry.manifest())).isEqualTo("rw-r--r--");
        assertThat(mode(site.layout().entryDocument(entry.directory()))).isEqualTo("rw-r--r--");
        assertThat(mode(entry.directory().resolve("..").normalize())).isEqualTo("rwxrwxr-x");
        Path reference = site.layout().reference(ImageReference.parse("sample"), Platform.current());
        assertThat(mode(reference)).isEqualTo("rw-r--r--");
        assertThat(mode(reference.resolve("..").normalize())).isEqualTo("rwxrwxr-x");
    }

    @Test
    void whatAUserKeepsToHerselfStaysSo() throws Exception {
        Path root = Files.createDirectory(directory.resolve("private"));
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
        Entry entry = SampleEntry.publish(Cache.openOrCreate(root), DIGEST, "{}");
        assertThat(mode(entry.directory())).isEqualTo("rwx------");
        assertThat(mode(entry.config())).isEqualTo("rw-------");
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static List<Path> children(Path parent) throws IOException {
        try (Stream<Path> children = Files.list(parent)) {
            return children.toList();
        }
    }

    private List<Path> tmp() throws IOException {
        try (Stream<Path> left = Files.list(cache.layout().tmp())) {
            return left.toList();
        }
    }
}
