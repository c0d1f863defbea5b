package org.plurality.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.cache.Cache;
import org.plurality.cache.SampleEntry;
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
        assertNotFound(job);
        assertThat(ids(IMAGE)).containsExactly(job.lease());
    }

    @Test
    void aJobsLeaseThatThisLaunchTookMayBeAnothersByNow() throws Exception {
        JobContext job = JobContext.of(Map.of("PBS_JOBID", "17.server"), 1);
        SampleEntry.publish(cache, IMAGE, "{}");
        repairIsBetweenItsRenames();
        assertNotFound(job);
        assertThat(ids(IMAGE)).containsExactly(job.lease());
    }

    @Test
    void theLeaseOfAProcessThatFindsNoImageGoes() throws Exception {
        JobContext process = JobContext.of(Map.of(), ProcessHandle.current().pid());
        SampleEntry.publish(cache, IMAGE, "{}");
        repairIsBetweenItsRenames();
        assertNotFound(process);
        assertThat(ids(IMAGE)).isEmpty();
        // But not where it holds the image since an earlier launch.
        leases.take(new Lease(process.lease(), IMAGE, process.holder(), "ada", Instant.EPOCH));
        assertNotFound(process);
        assertThat(ids(IMAGE)).containsExactly(process.lease());
    }

    @Test
    void noLeaseIsTakenInACacheThatDoesNotHaveTheImage() throws Exception {
        assertNotFound(JobContext.of(Map.of("SLURM_JOB_ID", "17"), 1));
        assertThat(cache.layout().leases(IMAGE)).doesNotExist();
    }

    private void repairIsBetweenItsRenames() throws Exception {
        Path old = Files.createDirectory(cache.layout().trash().resolve("old-1"));
        Files.writeString(old.resolve("owner.json"), "{\"digest\":\"" + IMAGE + "\"}");
        Files.move(cache.layout().image(IMAGE), old.resolve("image"));
    }

    private void assertNotFound(JobContext job) {
        assertThatThrownBy(() -> StagedImage.lease(
                        IMAGE.toString(),
                        Platform.current(),
                        List.of(cache.layout().root()),
                        job))
                .isInstanceOfSatisfying(
                        PluralityException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.NOT_FOUND));
    }

    private List<LeaseId> ids(Digest image) throws PluralityException {
        return leases.of(image).stream().map(Lease::id).toList();
    }
}
