// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.leases;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.plurality.cache.SampleEntry;
import org.plurality.lease.FoundLease;
import org.plurality.lease.Holder;
import org.plurality.lease.Lease;
import org.plurality.lease.LeaseId;
import org.plurality.process.ProcessIdentity;
import org.plurality.reference.Digest;
import org.plurality.retention.scheduler.JobAnswer;

class LeaseJudgeTest {
    private static final Digest IMAGE = SampleEntry.digest("one");
    private static final Instant NOW = Instant.ofEpochSecond(2_000_000_000);
    private static final long OWNER = 100;
    private static final long STRANGER = 200;
    private static final LeaseLimits LIMITS = new LeaseLimits(Duration.ofDays(10), 3, Duration.ofMinutes(2));
    private static final Holder JOB = new Holder.SlurmJob("17");

    @Test
    void ofAJobTheSchedulersWordCounts() throws Exception {
        assertThat(holds(lease("a", OWNER, JOB, 60), JobAnswer.State.ALIVE, "200"))
                .isTrue();
        assertThat(holds(lease("a", OWNER, JOB, 60), JobAnswer.State.ENDED, "")).isFalse();
        assertThat(holds(lease("a", OWNER, JOB, 60_000), JobAnswer.State.UNKNOWN, ""))
                .isTrue();
    }

    @Test
    void aJobThatIsNotKnownYetIsGivenTime() throws Exception {
        assertThat(holds(lease("a", OWNER, JOB, 1), JobAnswer.State.ABSENT, "")).isTrue();
        assertThat(holds(lease("a", OWNER, JOB, -60), JobAnswer.State.ABSENT, ""))
                .isTrue();
        assertThat(holds(lease("a", OWNER, JOB, 150), JobAnswer.State.ABSENT, ""))
                .isFalse();
    }

    @Test
    void aJobThatTheSchedulerListsAsEndedHoldsNothingHoweverNewItsLeaseIs() throws Exception {
        assertThat(holds(lease("a", OWNER, JOB, 1), JobAnswer.State.ENDED, "")).isFalse();
    }

    @Test
    void ofADateTheServersClockDecides() throws Exception {
        assertThat(holds(lease("a", OWNER, new Holder.Until(NOW.plusSeconds(1)), 60)))
                .isTrue();
        assertThat(holds(lease("a", OWNER, new Holder.Until(NOW), 60))).isFalse();
        assertThat(holds(lease("a", OWNER, new Holder.Until(Instant.MIN), 60))).isFalse();
        assertThat(holds(lease("a", OWNER, new Holder.Until(Instant.MAX), 60))).isTrue();
    }

    @Test
    void ofAProcessThisHostDecidesAndOfAnotherHostsItsAge() throws Exception {
        ProcessIdentity self = ProcessIdentity.current();
        Holder alive = new Holder.LocalProcess(self);
        Holder ended = new Holder.LocalProcess(
                new ProcessIdentity(self.host(), self.bootId(), self.pid(), 1, self.pidNamespace(), 0));
        Holder elsewhere = new Holder.LocalProcess(new ProcessIdentity("elsewhere", "boot", 1, 1, "", 0));
        assertThat(holds(lease("a", OWNER, alive, 9_999_999))).isTrue();
        assertThat(holds(lease("a", OWNER, ended, 60))).isFalse();
        assertThat(holds(lease("a", OWNER, elsewhere, 9 * 1440))).isTrue();
        assertThat(holds(lease("a", OWNER, elsewhere, 11 * 1440))).isFalse();
    }

    @Test
    void whatCannotBeReadHoldsForAWhile() throws Exception {
        assertThat(holds(unreadable("a", OWNER, 60))).isTrue();
        assertThat(holds(unreadable("a", OWNER, 11 * 1440))).isFalse();
    }

    @Test
    void aFilesTimeBeyondAllDatesCountsAsNow() throws Exception {
        Holder elsewhere = new Holder.LocalProcess(new ProcessIdentity("elsewhere", "boot", 1, 1, "", 0));
        for (Instant modified : List.of(Instant.MAX, Instant.MIN)) {
            boolean isNew = modified.equals(Instant.MAX);
            for (Holder holder : List.of(JOB, elsewhere)) {
                LeaseId id = new LeaseId("a");
                Path file = Path.of("/nonexistent");
                Lease lease = new Lease(id, IMAGE, holder, "ada", Instant.EPOCH);
                Map<Holder, JobAnswer> answers = Map.of(JOB, new JobAnswer(JobAnswer.State.ABSENT, ""));
                for (FoundLease found : List.of(
                        new FoundLease(id, IMAGE, file, OWNER, modified, lease, ""),
                        new FoundLease(id, IMAGE, file, OWNER, modified, null, "odd"))) {
                    assertThat(judge(answers, NOW).judge(List.of(found)).get(0).holds())
                            .isEqualTo(isNew);
                }
            }
        }
        assertThat(new LastUseBound(NOW, Duration.ofDays(1)).lastUse(Instant.MAX, Instant.EPOCH))
                .isEqualTo(NOW.plus(Duration.ofDays(1)));
        assertThat(new LastUseBound(NOW, Duration.ofDays(1)).lastUse(NOW, Instant.MAX))
                .isEqualTo(NOW);
    }

    @Test
    void aStrangersJobHoldsWithoutEndOnlyWhenItIsTheirs() {
        Map<Holder, JobAnswer> answers = Map.of(JOB, new JobAnswer(JobAnswer.State.ALIVE, "200"));
        Map<Holder, JobAnswer> anothers = Map.of(JOB, new JobAnswer(JobAnswer.State.ALIVE, "201"));
        FoundLease lease = lease("a", STRANGER, JOB, 60_000);
        Instant longAgo = NOW.minus(Duration.ofDays(11));
        assertThat(judge(answers, longAgo).judge(List.of(lease)).get(0).holds()).isTrue();
        assertThat(judge(anothers, longAgo).judge(List.of(lease)).get(0).holds())
                .isFalse();
        assertThat(judge(anothers, NOW.minusSeconds(60))
                        .judge(List.of(lease))
                        .get(0)
                        .holds())
                .isTrue();
    }

    @Test
    void aStrangersWordIsBoundedInTimeWhateverTheFilesTimeSays() {
        FoundLease lease = lease("a", STRANGER, new Holder.Until(Instant.MAX), -99_999);
        assertThat(judge(Map.of(), NOW.minus(Duration.ofDays(9)))
                        .judge(List.of(lease))
                        .get(0)
                        .holds())
                .isTrue();
        assertThat(judge(Map.of(), NOW.minus(Duration.ofDays(11)))
                        .judge(List.of(lease))
                        .get(0)
                        .holds())
                .isFalse();
    }

    @Test
    void ofAStrangersWordsTheNewestFewCount() {
        List<FoundLease> leases = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            leases.add(lease("id" + i, STRANGER, new Holder.Until(Instant.MAX), 10 - i));
        }
        assertThat(judge(Map.of(), NOW).judge(leases))
                .filteredOn(JudgedLease::holds)
                .extracting(lease -> lease.found().id().value())
                .containsExactly("id6", "id7", "id8");
    }

    private static boolean holds(FoundLease lease) {
        return judge(Map.of(), NOW).judge(List.of(lease)).get(0).holds();
    }

    private static boolean holds(FoundLease lease, JobAnswer.State state, String user) {
        return judge(Map.of(JOB, new JobAnswer(state, user)), NOW)
                .judge(List.of(lease))
                .get(0)
                .holds();
    }

    private static LeaseJudge judge(Map<Holder, JobAnswer> answers, Instant since) {
        return new LeaseJudge(LIMITS, NOW, answers, uid -> uid == OWNER, _ -> since.toEpochMilli());
    }

    private static FoundLease lease(String id, long uid, Holder holder, long minutesOld) {
        LeaseId name = new LeaseId(id);
        Lease lease = new Lease(name, IMAGE, holder, "ada", Instant.EPOCH);
        return new FoundLease(name, IMAGE, Path.of("/nonexistent"), uid, NOW.minusSeconds(60 * minutesOld), lease, "");
    }

    private static FoundLease unreadable(String id, long uid, long minutesOld) {
        return new FoundLease(
                new LeaseId(id), IMAGE, Path.of("/nonexistent"), uid, NOW.minusSeconds(60 * minutesOld), null, "odd");
    }
}
