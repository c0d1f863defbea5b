// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.lease.Holder;

/** Against commands of the schedulers' names that say what they are told to. */
class SchedulersTest {
    private static final String CONFIG =
            "ClusterName             = here\nPrivateData             = none\nSlurmUser = slurm(64030)\n";

    @TempDir
    private Path bin;

    @Test
    void jobsThatSqueueListsLiveUnlessTheirStateIsAnEnd() throws Exception {
        tool("scontrol", "cat <<'X'\n" + CONFIG + "X");
        tool(
                "squeue",
                "printf '7|7|RUNNING|1000\\n8|8|COMPLETED|1000\\n9|9|COMPLETING|1001\\n11|10|PENDING|1002\\n12|12|NEWSTATE|5\\n'");
        Map<Holder, JobAnswer> answers = slurm("7", "8", "9", "10", "11", "12", "13");
        assertThat(answers.get(job("7"))).isEqualTo(JobAnswer.alive("1000"));
        assertThat(state(answers, "8")).isEqualTo(JobAnswer.State.ENDED);
        assertThat(state(answers, "9")).isEqualTo(JobAnswer.State.ALIVE);
        assertThat(state(answers, "10")).isEqualTo(JobAnswer.State.ALIVE);
        assertThat(state(answers, "11")).isEqualTo(JobAnswer.State.ALIVE);
        assertThat(state(answers, "12")).isEqualTo(JobAnswer.State.ALIVE);
        assertThat(state(answers, "13")).isEqualTo(JobAnswer.State.ABSENT);
    }

    @Test
    void whereJobsOfOthersAreHiddenAMissingOneMayLive() throws Exception {
        tool("scontrol", "printf 'ClusterName = here\\nPrivateData = jobs,usage\\nSlurmUser = slurm(64030)\\n'");
        tool("squeue", "true");
        assertThat(state(slurm("13"), "13")).isEqualTo(JobAnswer.State.UNKNOWN);
    }

    @Test
    void aSchedulerThatDoesNotAnswerLeavesItOpenUnlessAccountingKnowsTheEnd() throws Exception {
        tool("scontrol", "exit 1");
        tool("squeue", "echo 'slurm_load_jobs error: Unable to contact slurm controller' >&2; exit 1");
        tool("sacct", "printf '7|7|CANCELLED by 1000\\n8|8|RUNNING\\n'");
        Map<Holder, JobAnswer> answers = slurm("7", "8", "9");
        assertThat(state(answers, "7")).isEqualTo(JobAnswer.State.ABSENT);
        assertThat(state(answers, "8")).isEqualTo(JobAnswer.State.UNKNOWN);
        assertThat(state(answers, "9")).isEqualTo(JobAnswer.State.UNKNOWN);
    }

    @Test
    void accountingsWordOnOneTaskIsNotThatOnItsArrayNorOnAJobThatMayReturn() throws Exception {
        tool("scontrol", "exit 1");
        tool("squeue", "exit 1");
        tool("sacct", """
                printf '%s\\n' '8|7_1|COMPLETED' '7|7_2|COMPLETED' '9|7_3|RUNNING' '12|11_1|COMPLETED' '11|11_2|FAILED' \\
                  '20|20|NODE_FAIL' '21|21|PREEMPTED' '22|22|REVOKED'""");
        Map<Holder, JobAnswer> answers = slurm("7", "8", "11", "20", "21", "22");
        assertThat(state(answers, "7")).isEqualTo(JobAnswer.State.UNKNOWN);
        assertThat(state(answers, "8")).isEqualTo(JobAnswer.State.ABSENT);
        assertThat(state(answers, "11")).isEqualTo(JobAnswer.State.ABSENT);
        for (String job : List.of("20", "21", "22")) {
            assertThat(state(answers, job)).isEqualTo(JobAnswer.State.UNKNOWN);
        }
    }

    @Test
    void noSettingOfTheCallerHidesJobs() throws Exception {
        tool("scontrol", "cat <<'X'\n" + CONFIG + "X");
        tool("squeue", """
                [[ -z ${SQUEUE_USERS+x}${SQUEUE_PARTITION+x}${SLURM_CLUSTERS+x} && $SLURM_CONF == /etc/x ]] || exit 0
                echo '7|7|RUNNING|1000'""");
        Map<String, String> environment = Map.of(
                "PATH",
                "/usr/bin:/bin",
                "SLURM_CONF",
                "/etc/x",
                "SQUEUE_USERS",
                "nobody",
                "SQUEUE_PARTITION",
                "x",
                "SLURM_CLUSTERS",
                "far");
        Map<Holder, JobAnswer> answers = new Slurm(new Tool(Duration.ofSeconds(5), bin, environment), 1000)
                .ask(List.of(new Holder.SlurmJob("7")));
        assertThat(state(answers, "7")).isEqualTo(JobAnswer.State.ALIVE);
    }

    @Test
    void anotherClusterIsAskedByName() throws Exception {
        tool("scontrol", "cat <<'X'\n" + CONFIG + "X");
        tool("squeue", "[[ $* == *--clusters=far* ]] && printf 'CLUSTER: far\\n7|7|RUNNING|1000\\n'; true");
        Map<Holder, JobAnswer> answers = new Slurm(tools(), 1000)
                .ask(List.of(new Holder.SlurmJob("7", "far"), new Holder.SlurmJob("7", "here")));
        assertThat(state(answers, new Holder.SlurmJob("7", "far"))).isEqualTo(JobAnswer.State.ALIVE);
        assertThat(state(answers, new Holder.SlurmJob("7", "here"))).isEqualTo(JobAnswer.State.ABSENT);
    }

    @Test
    void whetherAnotherClusterHidesJobsItsOwnSettingsSay() throws Exception {
        tool("scontrol", "cat <<'X'\n" + CONFIG + "X\n[[ $* != *--clusters=far* ]] || echo 'PrivateData = jobs'");
        tool("squeue", "true");
        Map<Holder, JobAnswer> answers = new Slurm(tools(), 1000)
                .ask(List.of(new Holder.SlurmJob("7", "far"), new Holder.SlurmJob("7", "here")));
        assertThat(state(answers, new Holder.SlurmJob("7", "far"))).isEqualTo(JobAnswer.State.UNKNOWN);
        assertThat(state(answers, new Holder.SlurmJob("7", "here"))).isEqualTo(JobAnswer.State.ABSENT);
    }

    @Tag("slow")
    @Test
    void commandsThatHangOrLackOrNamesThatAreNoJobsLeaveItOpen() throws Exception {
        assertThat(state(slurm("7"), "7")).isEqualTo(JobAnswer.State.UNKNOWN);
        tool("scontrol", "cat <<'X'\n" + CONFIG + "X");
        tool("squeue", "sleep 600");
        assertThat(state(slurm("7"), "7")).isEqualTo(JobAnswer.State.UNKNOWN);
        tool("squeue", "true");
        for (String odd : List.of("--help", "7;id", "", "7 8", "x")) {
            assertThat(state(slurm(odd), odd)).isEqualTo(JobAnswer.State.UNKNOWN);
        }
    }

    @Test
    void pbsJobsEndByTheirStateOrWhenTheServerDoesNotKnowThem() throws Exception {
        tool("qstat", """
                cat <<'X'
                Job Id: 1.pbs
                    Job_Name = a
                    Job_Owner = ada@login1
                    job_state = R
                Job Id: 2.pbs
                    Job_Owner = ada@login1
                    job_state = F
                Job Id: 4[].pbs
                    Job_Owner = bob@login1
                    job_state = B
                X
                echo 'qstat: Unknown Job Id 3.pbs' >&2
                exit 153""");
        Pbs pbs = new Pbs(tools());
        Map<Holder, JobAnswer> answers = pbs.ask(List.of(
                new Holder.PbsJob("1.pbs"),
                new Holder.PbsJob("2.pbs"),
                new Holder.PbsJob("3.pbs"),
                new Holder.PbsJob("4[].pbs"),
                new Holder.PbsJob("5.pbs"),
                new Holder.PbsJob("-x")));
        assertThat(answers.get(new Holder.PbsJob("1.pbs"))).isEqualTo(JobAnswer.alive("ada"));
        assertThat(state(answers, new Holder.PbsJob("2.pbs"))).isEqualTo(JobAnswer.State.ENDED);
        assertThat(state(answers, new Holder.PbsJob("3.pbs"))).isEqualTo(JobAnswer.State.ABSENT);
        assertThat(answers.get(new Holder.PbsJob("4[].pbs"))).isEqualTo(JobAnswer.alive("bob"));
        assertThat(state(answers, new Holder.PbsJob("5.pbs"))).isEqualTo(JobAnswer.State.UNKNOWN);
        assertThat(state(answers, new Holder.PbsJob("-x"))).isEqualTo(JobAnswer.State.UNKNOWN);
    }

    /** As qstat prints a value with line feeds that a user has given a variable. */
    @Test
    void aPbsJobSaysNothingOfAnother() throws Exception {
        tool("qstat", """
                cat <<'X'
                Job Id: 1.pbs
                    Job_Owner = ada@login1
                    job_state = R
                    Variable_List = A=X
                Job Id: 2.pbs
                    Job_Owner = ada@login1
                    job_state = F
                Job Id: 3.pbs
                    Job_Owner = ada@login1
                    job_state = R
                Job Id: 4.pbs
                    Job_Owner = ada@login1
                    job_state = F
                Job Id: 2.pbs
                    Job_Owner = bob@login1
                    job_state = R
                X
                echo 'qstat: Unknown Job Id 3.pbs' >&2
                echo 'qstat: Unauthorized Request  4.pbs' >&2
                exit 153""");
        List<Holder.PbsJob> jobs = List.of(
                new Holder.PbsJob("1.pbs"),
                new Holder.PbsJob("2.pbs"),
                new Holder.PbsJob("3.pbs"),
                new Holder.PbsJob("4.pbs"));
        Map<Holder, JobAnswer> answers = new Pbs(tools()).ask(jobs);
        assertThat(answers.get(jobs.get(0))).isEqualTo(JobAnswer.alive("ada"));
        for (Holder.PbsJob job : jobs.subList(1, 4)) {
            assertThat(state(answers, job)).isEqualTo(JobAnswer.State.UNKNOWN);
        }
    }

    @Test
    void aPbsJobDoesNotSayTwiceWhoseItIsOrHowItStands() throws Exception {
        tool("qstat", """
                cat <<'X'
                Job Id: 1.pbs
                    Job_Owner = ada@login1
                    job_state = R
                    Variable_List = A=X
                    Job_Owner = bob@login1
                Job Id: 2.pbs
                    Job_Owner = ada@login1
                    job_state = F
                    Variable_List = A=X
                    job_state = R
                X""");
        Map<Holder, JobAnswer> answers =
                new Pbs(tools()).ask(List.of(new Holder.PbsJob("1.pbs"), new Holder.PbsJob("2.pbs")));
        assertThat(answers.values()).containsOnly(JobAnswer.UNKNOWN);
    }

    @Test
    void pbsIsAskedForOneLineAValueWhereItKnowsHow() throws Exception {
        tool("qstat", """
                [[ $* == '-x -f -w 1.pbs' ]] || exit 1
                printf 'Job Id: 1.pbs\\n    job_state = R\\n'""");
        List<Holder.PbsJob> one = List.of(new Holder.PbsJob("1.pbs"));
        assertThat(state(new Pbs(tools()).ask(one), one.get(0))).isEqualTo(JobAnswer.State.ALIVE);
        tool("qstat", """
                case $* in
                  *-w*) printf 'qstat: conflicting options.\\nusage: \\nqstat [-f] ...\\n' >&2; exit 2 ;;
                  *-x*) echo 'qstat: PBS is not configured to maintain job history' >&2; exit 1 ;;
                esac
                printf 'Job Id: 1.pbs\\n    job_state = R\\n'""");
        assertThat(state(new Pbs(tools()).ask(one), one.get(0))).isEqualTo(JobAnswer.State.ALIVE);
    }

    @Test
    void aPbsJobHasOneNameOnly() throws Exception {
        tool("qstat", "for id; do printf 'Job Id: %s\\n    job_state = R\\n' \"$id\"; done");
        for (String odd : List.of("01.pbs", "1[01].pbs", "1[00].pbs")) {
            Holder.PbsJob job = new Holder.PbsJob(odd);
            assertThat(state(new Pbs(tools()).ask(List.of(job)), job)).isEqualTo(JobAnswer.State.UNKNOWN);
        }
        for (String usual : List.of("0.pbs", "10.pbs", "1[].pbs", "1[0].pbs", "1[10].pbs", "7")) {
            Holder.PbsJob job = new Holder.PbsJob(usual);
            assertThat(state(new Pbs(tools()).ask(List.of(job)), job)).isEqualTo(JobAnswer.State.ALIVE);
        }
    }

    @Test
    void aPbsServerWithoutHistoryIsAskedWithoutIt() throws Exception {
        tool("qstat", """
                [[ $* != *-x* ]] || { echo 'qstat: PBS is not configured to maintain job history' >&2; exit 1; }
                printf 'Job Id: 1.pbs\\n    job_state = R\\n'
                echo 'qstat: Unknown Job Id 2.pbs' >&2
                exit 153""");
        Holder one = new Holder.PbsJob("1.pbs");
        Holder two = new Holder.PbsJob("2.pbs");
        Map<Holder, JobAnswer> answers =
                new Pbs(tools()).ask(List.of(new Holder.PbsJob("1.pbs"), new Holder.PbsJob("2.pbs")));
        assertThat(state(answers, one)).isEqualTo(JobAnswer.State.ALIVE);
        assertThat(state(answers, two)).isEqualTo(JobAnswer.State.ABSENT);
    }

    private Map<Holder, JobAnswer> slurm(String... jobs) {
        return new Slurm(tools(), 1000)
                .ask(List.of(jobs).stream().map(Holder.SlurmJob::new).toList());
    }

    private Tool tools() {
        return new Tool(Duration.ofSeconds(5), bin, System.getenv());
    }

    private static Holder job(String id) {
        return new Holder.SlurmJob(id);
    }

    private static JobAnswer.State state(Map<Holder, JobAnswer> answers, String id) {
        return state(answers, job(id));
    }

    private static JobAnswer.State state(Map<Holder, JobAnswer> answers, Holder holder) {
        return Objects.requireNonNull(answers.get(holder)).state();
    }

    private void tool(String name, String script) throws IOException {
        Path file = bin.resolve(name);
        Files.writeString(file, "#!/bin/bash\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
