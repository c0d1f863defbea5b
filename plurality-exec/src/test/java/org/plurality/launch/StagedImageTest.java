// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.cache.Cache;
import org.plurality.cache.DurableFiles;
import org.plurality.cache.Entry;
import org.plurality.cache.SampleEntry;
import org.plurality.cache.WithdrawnEntry;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.lease.Lease;
import org.plurality.lease.LeaseId;
import org.plurality.lease.Leases;
import org.plurality.reference.Digest;
import org.plurality.reference.Platform;

class StagedImageTest {
    private static final Digest IMAGE = SampleEntry.digest("one");

    @TempDir
    private Path directory;

    private Cache cache;
    private Leases leases;

    @BeforeEach
    void makeCache() throws Exception {
        cache = Cache.openOrCreate(directory.resolve("cache"));
        leases = new Leases(cache.layout());
    }

    @Test
    void aLaunchThatFindsNoImageLeavesTheLeaseOfItsJob() throws Exception {
        JobContext job = JobContext.of(Map.of("SLURM_JOB_ID", "17"), 1);
        SampleEntry.publish(cache, IMAGE, "{}");
        // On another node a step runs.
        leases.take(new Lease(job.lease(), IMAGE, job.holder(), "ada", Instant.EPOCH));
        repairIsBetweenItsRenames();
        assertBusy(job);
        assertThat(ids(IMAGE)).containsExactly(job.lease());
    }

    @Test
    void aJobsLeaseThatThisLaunchTookMayBeAnothersByNow() throws Exception {
        JobContext job = JobContext.of(Map.of("PBS_JOBID", "17.server"), 1);
        SampleEntry.publish(cache, IMAGE, "{}");
        repairIsBetweenItsRenames();
        assertBusy(job);
        assertThat(ids(IMAGE)).containsExactly(job.lease());
    }

    @Test
    void theLeaseOfAProcessThatFindsNoImageGoes() throws Exception {
        JobContext process = JobContext.of(Map.of(), ProcessHandle.current().pid());
        SampleEntry.publish(cache, IMAGE, "{}");
        repairIsBetweenItsRenames();
        assertBusy(process);
        assertThat(ids(IMAGE)).isEmpty();
        // But not where it holds the image since an earlier launch.
        leases.take(new Lease(process.lease(), IMAGE, process.holder(), "ada", Instant.EPOCH));
        assertBusy(process);
        assertThat(ids(IMAGE)).containsExactly(process.lease());
    }

    @Test
    void noLeaseIsTakenInACacheThatDoesNotHaveTheImage() throws Exception {
        assertNotFound(JobContext.of(Map.of("SLURM_JOB_ID", "17"), 1));
        assertThat(cache.layout().leases(IMAGE)).doesNotExist();
    }

    @Test
    void aLaunchTakesBackAnImageThatIsBeingRemoved() throws Exception {
        Entry before = SampleEntry.publish(cache, IMAGE, "{}");
        WithdrawnEntry withdrawn = cache.withdraw(IMAGE).orElseThrow();
        JobContext job = JobContext.of(Map.of("SLURM_JOB_ID", "17"), 1);
        assertThat(lease(job, Duration.ZERO)).isEqualTo(before);
        assertThat(ids(IMAGE)).containsExactly(job.lease());
        // Its remover's decision comes too late.
        boolean _ = withdrawn.delete();
        assertThat(cache.find(IMAGE)).contains(before);
        assertThat(cache.layout().trash()).isEmptyDirectory();
    }

    @Test
    void aLaunchWaitsForAnImageThatItMayNotTakeBack() throws Exception {
        Entry before = SampleEntry.publish(cache, IMAGE, "{}");
        repairIsBetweenItsRenames();
        JobContext job = JobContext.of(Map.of("SLURM_JOB_ID", "17"), 1);
        CompletableFuture<Entry> launch = CompletableFuture.supplyAsync(() -> {
            try {
                return lease(job, Duration.ofMinutes(5));
            } catch (PluralityException e) {
                throw new CompletionException(e);
            }
        });
        while (!leases.exists(IMAGE, job.lease())) {
            Thread.onSpinWait();
        }
        Files.move(cache.layout().trash().resolve("old-1/image"), cache.layout().image(IMAGE));
        assertThat(launch.join()).isEqualTo(before);
    }

    @Test
    void aLeaseThatCannotBeWrittenEndsTheLaunch() throws Exception {
        SampleEntry.publish(cache, IMAGE, "{}");
        JobContext job = JobContext.of(Map.of("SLURM_JOB_ID", "17"), 1);
        DurableFiles.deleteTree(cache.layout().leases(IMAGE));
        Files.createFile(cache.layout().leases(IMAGE));
        assertFails(job, FailureKind.STORAGE);
    }

    private void repairIsBetweenItsRenames() throws Exception {
        Path old = Files.createDirectory(cache.layout().trash().resolve("old-1"));
        Files.writeString(old.resolve("owner.json"), "{\"digest\":\"" + IMAGE + "\"}");
        Files.move(cache.layout().image(IMAGE), old.resolve("image"));
    }

    private void assertNotFound(JobContext job) {
        assertFails(job, FailureKind.NOT_FOUND);
    }

    private void assertBusy(JobContext job) {
        assertFails(job, FailureKind.BUSY);
    }

    private void assertFails(JobContext job, FailureKind kind) {
        assertThatThrownBy(() -> lease(job, Duration.ofMillis(100)))
                .isInstanceOfSatisfying(
                        PluralityException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    private Entry lease(JobContext job, Duration patience) throws PluralityException {
        return StagedImage.lease(
                IMAGE.toString(), Platform.current(), List.of(cache.layout().root()), job, patience);
    }

    private List<LeaseId> ids(Digest image) throws PluralityException {
        return leases.of(image).stream().map(Lease::id).toList();
    }
}
