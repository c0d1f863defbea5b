// SPDX-License-Identifier: Apache-2.0
package org.plurality.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.cache.Cache;
import org.plurality.cache.CacheAccess;
import org.plurality.cache.DurableFiles;
import org.plurality.cache.NotADocumentException;
import org.plurality.cache.SampleEntry;
import org.plurality.failure.PluralityException;
import org.plurality.process.ProcessIdentity;
import org.plurality.reference.Digest;

class LeasesTest {
    private static final Digest DIGEST = SampleEntry.digest("one");

    @TempDir
    private Path directory;

    private Cache cache;
    private Leases leases;

    @BeforeEach
    void makeCache() throws PluralityException {
        cache = Cache.openOrCreate(directory);
        leases = new Leases(cache.layout());
    }

    @Test
    void everyKindOfHolderReadsBackEqual() throws Exception {
        List<Lease> taken = List.of(
                lease("a", new Holder.SlurmJob("17")),
                lease("b", new Holder.PbsJob("17[3].server")),
                lease("c", new Holder.LocalProcess(ProcessIdentity.current())),
                lease("d", new Holder.Until(Instant.ofEpochMilli(7))));
        for (Lease lease : taken) {
            leases.take(lease);
        }
        assertThat(leases.of(DIGEST)).isEqualTo(taken);
    }

    @Test
    void takingOneAgainFromAnotherNodeKeepsTheFirst() throws Exception {
        leases.take(lease("job-1", new Holder.SlurmJob("1")));
        leases.take(lease("job-1", new Holder.SlurmJob("1")));
        assertThat(leases.of(DIGEST)).hasSize(1);
        assertThat(leases.release(DIGEST, new LeaseId("job-1"))).isTrue();
        assertThat(leases.release(DIGEST, new LeaseId("job-1"))).isFalse();
    }

    @Test
    void whoTakesALeaseHearsWhetherItWasThere() throws Exception {
        Lease lease = lease("job-1", new Holder.SlurmJob("1"));
        assertThat(leases.take(lease)).isEqualTo(new Taken(lease.id(), true));
        assertThat(leases.take(lease)).isEqualTo(new Taken(lease.id(), false));
    }

    @Test
    void anErrorOnReadingALeaseIsNotItsEnd() throws Exception {
        leases.take(lease("a", new Holder.SlurmJob("17")));
        for (String error : List.of("Input/output error", "Stale file handle", "Too many open files")) {
            assertThatThrownBy(() -> leases.found(
                            DIGEST,
                            (file, _) -> {
                                throw new FileSystemException(file.toString(), null, error);
                            },
                            10))
                    .isInstanceOf(PluralityException.class)
                    .hasMessageContaining(error);
        }
        // These, on the other hand, are what its maker made of it.
        assertThat(unread(new NotADocumentException("it is not a regular file")))
                .extracting(FoundLease::problem)
                .containsExactly("it is not a regular file");
        assertThat(unread(new AccessDeniedException("a.json")))
                .extracting(FoundLease::problem)
                .containsExactly("Permission denied");
        assertThat(unread(new NoSuchFileException("a.json"))).isEmpty();
    }

    private List<FoundLease> unread(IOException failure) throws PluralityException {
        return leases.found(
                        DIGEST,
                        (_, _) -> {
                            throw failure;
                        },
                        10)
                .leases();
    }

    @Test
    void aFilesTimeBeyondAllDatesHarmsNoSweep() throws Exception {
        // Not every filesystem keeps such times; that in memory does.
        Path memory = Path.of("/dev/shm");
        Path root =
                Files.isWritable(memory) ? Files.createTempDirectory(memory, "plurality") : directory.resolve("other");
        try {
            Cache other = Cache.openOrCreate(root);
            Path directoryOfImage = Files.createDirectory(other.layout().leases(DIGEST));
            ProcessIdentity unknown = new ProcessIdentity("elsewhere", "boot", 1, 1, "", 0);
            Path file = Files.createFile(directoryOfImage.resolve(".new-1~" + unknown.toName()));
            Process touch = new ProcessBuilder("touch", "-d", "@1000000000000000000", file.toString()).start();
            assertThat(touch.waitFor()).isZero();
            boolean _ = new Leases(other.layout()).sweepLeftovers(DIGEST, Instant.EPOCH);
            assertThat(file).exists();
        } finally {
            DurableFiles.deleteTree(root);
        }
    }

    @Test
    void whatTookTheNameOfAJudgedLeaseStays() throws Exception {
        leases.take(lease("job-1", new Holder.Until(Instant.ofEpochMilli(7))));
        Path file = cache.layout().leases(DIGEST).resolve("job-1.json");
        Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
        FoundLease judged = found(10).leases().get(0);
        Lease renewed = lease("job-1", new Holder.Until(Instant.ofEpochMilli(8)));
        leases.replace(renewed);
        assertThat(leases.release(judged)).isFalse();
        assertThat(leases.of(DIGEST)).containsExactly(renewed);
        assertThat(leases.release(found(10).leases().get(0))).isTrue();
        assertThat(leases.release(judged)).isFalse();
        assertThat(cache.layout().leases(DIGEST)).isEmptyDirectory();
    }

    @Test
    void onlyLeasesOfProcessesKnownToHaveEndedAreReaped() throws Exception {
        ProcessIdentity self = ProcessIdentity.current();
        ProcessIdentity rebooted = new ProcessIdentity(self.host(), "old", 1, 1, "", self.uid());
        ProcessIdentity ended =
                new ProcessIdentity(self.host(), self.bootId(), self.pid(), 1, self.pidNamespace(), self.uid());
        for (ProcessIdentity over : List.of(rebooted, ended)) {
            leases.take(lease(new Holder.LocalProcess(over)));
        }
        Lease elsewhere = lease(new Holder.LocalProcess(new ProcessIdentity("other", "old", 1, 1, "", self.uid())));
        Lease stranger = lease(new Holder.LocalProcess(new ProcessIdentity(self.host(), "old", 1, 1, "", 4_000_000)));
        Lease alive = lease(new Holder.LocalProcess(self));
        Lease job = lease(new Holder.SlurmJob("1"));
        for (Lease kept : List.of(elsewhere, stranger, alive, job)) {
            leases.take(kept);
        }
        leases.reapOwnEndedProcesses(DIGEST);
        assertThat(leases.of(DIGEST)).containsExactlyInAnyOrder(elsewhere, stranger, alive, job);
    }

    @Test
    void theNewestFilesOfAUserAreReadAndTheOthersAreCountedAndRemoved() throws Exception {
        Path directoryOfImage = Files.createDirectories(cache.layout().leases(DIGEST));
        for (int i = 0; i < 50; i++) {
            Path file = Files.createFile(directoryOfImage.resolve("file-" + i + ".json"));
            Files.setLastModifiedTime(file, FileTime.fromMillis(i));
        }
        FoundLeases found = found(10);
        assertThat(found.leases())
                .extracting(lease -> lease.id().value())
                .allMatch(id -> Integer.parseInt(id.substring(5)) >= 40)
                .hasSize(10);
        long self = CacheAccess.self();
        assertThat(found.surplus()).containsExactly(Map.entry(self, 40L));
        // What came or changed since the pass began is not judged, whatever time its owner gives it.
        assertThat(leases.removeSurplus(DIGEST, Set.of(self), found.leases(), Instant.EPOCH.plusSeconds(60)))
                .isZero();
        Instant later = Instant.now().plusSeconds(60);
        assertThat(leases.removeSurplus(DIGEST, Set.of(self + 1), found.leases(), later))
                .isZero();
        assertThat(leases.removeSurplus(DIGEST, Set.of(self), found.leases(), later))
                .isEqualTo(40);
        assertThat(found(10).leases()).isEqualTo(found.leases());
    }

    private FoundLeases found(int most) throws PluralityException {
        return leases.found(DIGEST, LeaseReader::readOwn, most);
    }

    @Test
    void aLeaseIsWholeOrNotThere() throws Exception {
        leases.take(lease("a", new Holder.SlurmJob("17")));
        Path directoryOfImage = cache.layout().leases(DIGEST);
        assertThat(directoryOfImage).isDirectoryContaining("glob:**/a.json");
        assertThat(directoryOfImage.toFile().list()).hasSize(1);
        // What a process leaves that is killed before it gives the lease its name holds nothing, and goes.
        ProcessIdentity self = ProcessIdentity.current();
        ProcessIdentity ended =
                new ProcessIdentity(self.host(), self.bootId(), 4194305, 1, self.pidNamespace(), self.uid());
        Files.createFile(directoryOfImage.resolve(".new-1~" + ended.toName()));
        Path mine = Files.createFile(directoryOfImage.resolve(".new-2~" + self.toName()));
        assertThat(leases.of(DIGEST)).hasSize(1);
        boolean _ =
                leases.sweepLeftovers(DIGEST, Files.getLastModifiedTime(mine).toInstant());
        assertThat(directoryOfImage.toFile().list()).hasSize(2);
        boolean _ = leases.sweepLeftovers(
                DIGEST, Files.getLastModifiedTime(mine).toInstant().plus(Duration.ofDays(2)));
        assertThat(directoryOfImage.toFile().list()).containsExactly("a.json");
    }

    @Test
    void aFileOfSeveralNamesIsNobodysLease() throws Exception {
        leases.take(lease("a", new Holder.SlurmJob("17")));
        Path directoryOfImage = cache.layout().leases(DIGEST);
        Files.createLink(directoryOfImage.resolve("b.json"), directoryOfImage.resolve("a.json"));
        assertThat(found(10).leases())
                .extracting(FoundLease::uid)
                .containsExactly(FoundLease.NOBODY, FoundLease.NOBODY);
    }

    @Test
    void unreadableLeaseIsNotTakenForNone() throws Exception {
        Files.createDirectories(cache.layout().leases(DIGEST));
        Files.writeString(cache.layout().leases(DIGEST).resolve("odd.json"), "{");
        assertThatThrownBy(() -> leases.of(DIGEST))
                .isInstanceOf(PluralityException.class)
                .hasMessageContaining("odd.json");
    }

    @Test
    void imagesThatSeveralUsersMayLeaseGetADirectoryThatTheyAllMayWrite() throws Exception {
        Files.setAttribute(cache.layout().leases(), "unix:mode", 01755);
        leases.take(lease("first", new Holder.SlurmJob("1")));
        Path directoryOfImage = cache.layout().leases(DIGEST);
        assertThat((Integer) Files.getAttribute(directoryOfImage, "unix:mode") & 07777)
                .isEqualTo(01777);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directoryOfImage.resolve("first.json"))))
                .isEqualTo("rw-r--r--");
    }

    @Test
    void idsThatCouldBePathsAreRefused() {
        for (String text : List.of("", ".", "..", "a/b", ".hidden", "a\0b", "x".repeat(129))) {
            assertThatThrownBy(() -> new LeaseId(text)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static Lease lease(Holder holder) throws IOException {
        return lease(holder.usualId().value(), holder);
    }

    private static Lease lease(String id, Holder holder) {
        return new Lease(new LeaseId(id), DIGEST, holder, "somebody", Instant.ofEpochMilli(1));
    }
}
