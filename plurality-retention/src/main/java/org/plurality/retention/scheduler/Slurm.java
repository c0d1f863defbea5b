// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.scheduler;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.plurality.lease.Holder;

/**
 * Asks {@code squeue} for all jobs at once, per cluster. If it does not answer, {@code sacct} is asked for the wanted
 * jobs.
 *
 * <p>A job that squeue does not list has ended: slurmctld forgets finished jobs after MinJobAge. This does not hold if
 * the cluster's {@code PrivateData} hides other users' jobs from this user. Other clusters are asked by name, which
 * needs a slurmdbd. Documentation: squeue(1), sacct(1).
 */
final class Slurm {
    private static final Pattern JOB = Pattern.compile("[0-9]{1,12}");
    private static final Pattern CLUSTER = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_-]{0,63}");
    private static final Pattern SETTING = Pattern.compile("(?m)^\\s*(\\w+)\\s*=\\s*(.*?)\\s*$");
    private static final Pattern NUMBER_IN_PARENTHESES = Pattern.compile("\\((\\d+)\\)");

    /** States that are final. A job in any other state, including those that a later Slurm adds, may still run. */
    private static final Set<String> ENDED = Set.of(
            "BOOT_FAIL",
            "CANCELLED",
            "COMPLETED",
            "DEADLINE",
            "FAILED",
            "NODE_FAIL",
            "OUT_OF_MEMORY",
            "PREEMPTED",
            "REVOKED",
            "TIMEOUT");

    /** States after which a job may be queued again; accounting learns of that late. */
    private static final Set<String> MAY_RETURN = Set.of("NODE_FAIL", "PREEMPTED", "REVOKED");

    private final Tool tool;
    private final long self;

    /** @param self user id of this process */
    Slurm(Tool tool, long self) {
        this.tool = tool;
        this.self = self;
    }

    /** The state of a job of one cluster. */
    private record Job(boolean ended, String user) {}

    Map<Holder, JobAnswer> ask(List<Holder.SlurmJob> jobs) {
        Map<Holder, JobAnswer> answers = new HashMap<>();
        if (jobs.isEmpty()) {
            return answers;
        }
        Map<String, String> settings = settings("");
        String here = settings.getOrDefault("ClusterName", "");
        Map<String, List<Holder.SlurmJob>> byCluster = new TreeMap<>();
        for (Holder.SlurmJob job : jobs) {
            boolean askable = JOB.matcher(job.jobId()).matches()
                    && (job.cluster().isEmpty()
                            || CLUSTER.matcher(job.cluster()).matches());
            if (askable) {
                String cluster = job.cluster().equalsIgnoreCase(here) ? "" : job.cluster();
                byCluster.computeIfAbsent(cluster, _ -> new ArrayList<>()).add(job);
            } else {
                answers.put(job, JobAnswer.UNKNOWN);
            }
        }
        byCluster.forEach((cluster, wanted) -> answers.putAll(ask(cluster, wanted, settings)));
        return answers;
    }

    /** @param here the settings of this host's cluster */
    private Map<Holder, JobAnswer> ask(String cluster, List<Holder.SlurmJob> jobs, Map<String, String> here) {
        // Without --array, squeue lists the pending tasks of an array as one line, with the number of one of them.
        List<String> command = new ArrayList<>(
                List.of("squeue", "--all", "--array", "--noheader", "--states=all", "--format=%A|%F|%T|%U"));
        if (cluster.isEmpty()) {
            command.add("--local");
        } else {
            command.add("--clusters=" + cluster);
        }
        Optional<Tool.Output> listed = tool.run(command);
        if (listed.isEmpty() || listed.get().status() != 0) {
            return askAccounting(cluster, jobs);
        }
        Map<String, Job> known = new HashMap<>();
        for (String line : listed.get().out().split("\n", -1)) {
            String[] fields = line.strip().split("\\|", -1);
            if (fields.length == 4) {
                Job job = new Job(isEnded(fields[2]), fields[3]);
                known.merge(fields[0], job, Slurm::either);
                // The number of an array refers to all of its tasks.
                known.merge(fields[1], job, Slurm::either);
            }
        }
        boolean seesAll = seesAllJobs(cluster.isEmpty() ? here : settings(cluster));
        Map<Holder, JobAnswer> answers = new HashMap<>();
        for (Holder.SlurmJob job : jobs) {
            Job found = known.get(job.jobId());
            if (found == null) {
                answers.put(job, seesAll ? JobAnswer.ABSENT : JobAnswer.UNKNOWN);
            } else {
                answers.put(job, found.ended() ? JobAnswer.ENDED : JobAnswer.alive(found.user()));
            }
        }
        return answers;
    }

    /** Believes accounting only if it reports that a job has ended, because it learns of new jobs late. */
    private Map<Holder, JobAnswer> askAccounting(String cluster, List<Holder.SlurmJob> jobs) {
        List<String> ids = new ArrayList<>();
        jobs.forEach(job -> ids.add(job.jobId()));
        List<String> command = new ArrayList<>(List.of(
                "sacct",
                "--allusers",
                "--allocations",
                "--noheader",
                "--parsable2",
                "--format=JobIDRaw,JobID,State",
                "--jobs=" + String.join(",", ids)));
        if (!cluster.isEmpty()) {
            command.add("--clusters=" + cluster);
        }
        Map<String, Boolean> ended = new HashMap<>();
        tool.run(command).filter(output -> output.status() == 0).ifPresent(output -> {
            for (String line : output.out().split("\n", -1)) {
                String[] fields = line.strip().split("\\|", -1);
                if (fields.length == 3) {
                    boolean over = isEnded(fields[2]) && !MAY_RETURN.contains(word(fields[2]));
                    ended.merge(fields[0], over, Boolean::logicalAnd);
                    // 7_1, or 7_[2-9] while the tasks are pending; the number of an array refers to all of its tasks.
                    ended.merge(fields[1].split("_", -1)[0], over, Boolean::logicalAnd);
                }
            }
        });
        Map<Holder, JobAnswer> answers = new HashMap<>();
        for (Holder.SlurmJob job : jobs) {
            answers.put(job, ended.getOrDefault(job.jobId(), false) ? JobAnswer.ABSENT : JobAnswer.UNKNOWN);
        }
        return answers;
    }

    private static Job either(Job one, Job other) {
        return one.ended() ? other : one;
    }

    private static boolean isEnded(String state) {
        return ENDED.contains(word(state));
    }

    /** Returns the first word: {@code sacct} writes {@code CANCELLED by 1000}. */
    private static String word(String state) {
        return state.strip().toUpperCase(Locale.ROOT).split(" ", -1)[0];
    }

    /** @param cluster empty for this host's cluster */
    private Map<String, String> settings(String cluster) {
        List<String> command = new ArrayList<>(List.of("scontrol", "show", "config"));
        if (!cluster.isEmpty()) {
            command.add(1, "--clusters=" + cluster);
        }
        Map<String, String> settings = new HashMap<>();
        tool.run(command).filter(output -> output.status() == 0).ifPresent(output -> {
            Matcher lines = SETTING.matcher(output.out());
            while (lines.find()) {
                settings.put(lines.group(1), lines.group(2));
            }
        });
        return settings;
    }

    private boolean seesAllJobs(Map<String, String> settings) {
        String hidden = settings.get("PrivateData");
        if (hidden == null) {
            return false;
        }
        Matcher user = NUMBER_IN_PARENTHESES.matcher(settings.getOrDefault("SlurmUser", ""));
        return self == 0
                || (user.find() && user.group(1).equals(Long.toString(self)))
                || !List.of(hidden.split(",", -1)).contains("jobs");
    }
}
