// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.scheduler;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.plurality.lease.Holder;

/**
 * Asks {@code qstat -x -f -w} for many jobs at once. A job has ended if its state says so, or if the server does not
 * know its number; if the server does not answer, the state is unknown. A server that keeps no history refuses {@code
 * -x} and is asked again without it; a server before PBS 18 that refuses {@code -w}, likewise. Documentation:
 * qstat(1B) of OpenPBS, and its job states.
 *
 * <p>Users control much of what qstat prints about a job, such as {@code Variable_List}. With {@code -w} no value
 * spans two lines; without it, a value may look like another job's lines. So an attribute that appears in two versions
 * is not believed.
 */
final class Pbs {
    /** Accepts one spelling only, so that no lease can name a job in a second way. */
    private static final Pattern JOB =
            Pattern.compile("(0|[1-9][0-9]{0,11})(\\[(0|[1-9][0-9]{0,8})?\\])?(\\.[A-Za-z0-9][A-Za-z0-9._-]{0,200})?");

    private static final Pattern UNKNOWN_JOB = Pattern.compile("(?m)Unknown Job(?: Id)?:? (\\S+)\\s*$");
    private static final Pattern WORD = Pattern.compile("\\S+");
    private static final String NO_HISTORY = "not configured to maintain job history";
    private static final String MISUSED = "usage:";
    private static final String RECORD = "Job Id: ";
    private static final String OWNER = "    Job_Owner = ";
    private static final String STATE = "    job_state = ";
    private static final int AT_ONCE = 500;
    private static final int MOST_SERVERS = 4;

    /** Finished, and a finished task of an array. */
    private static final Set<String> ENDED = Set.of("F", "X");

    private final Tool tool;

    Pbs(Tool tool) {
        this.tool = tool;
    }

    Map<Holder, JobAnswer> ask(List<Holder.PbsJob> jobs) {
        Map<Holder, JobAnswer> answers = new HashMap<>();
        Map<String, List<Holder.PbsJob>> byServer = new TreeMap<>();
        for (Holder.PbsJob job : jobs) {
            answers.put(job, JobAnswer.UNKNOWN);
            if (JOB.matcher(job.jobId()).matches()) {
                byServer.computeIfAbsent(serverOf(job), _ -> new ArrayList<>()).add(job);
            }
        }
        // A lease may name an unknown server: servers with many jobs are asked first, and their number is limited.
        byServer.values().stream()
                .sorted(Comparator.comparingInt((List<Holder.PbsJob> some) -> some.size())
                        .reversed())
                .limit(MOST_SERVERS)
                .forEach(some -> askServer(some, answers));
        return answers;
    }

    private static String serverOf(Holder.PbsJob job) {
        int dot = job.jobId().indexOf('.');
        return dot < 0 ? "" : job.jobId().substring(dot);
    }

    private void askServer(List<Holder.PbsJob> jobs, Map<Holder, JobAnswer> answers) {
        for (int from = 0; from < jobs.size(); from += AT_ONCE) {
            if (!ask(jobs.subList(from, Math.min(from + AT_ONCE, jobs.size())), answers)) {
                return;
            }
        }
    }

    /** @return false if there was no answer in time, so that further questions would take as long */
    private boolean ask(List<Holder.PbsJob> jobs, Map<Holder, JobAnswer> answers) {
        Optional<Tool.Output> output = qstat(jobs);
        if (output.isEmpty()) {
            return false;
        }
        Map<String, JobAnswer> said = listed(output.get().out());
        // An error about a job takes the place of its listing.
        Matcher words = WORD.matcher(output.get().err());
        while (words.find()) {
            said.computeIfPresent(words.group(), (_, _) -> JobAnswer.UNKNOWN);
        }
        Matcher unknown = UNKNOWN_JOB.matcher(output.get().err());
        while (unknown.find()) {
            said.putIfAbsent(unknown.group(1), JobAnswer.ABSENT);
        }
        for (Holder.PbsJob job : jobs) {
            answers.put(job, said.getOrDefault(job.jobId(), JobAnswer.UNKNOWN));
        }
        return true;
    }

    private Optional<Tool.Output> qstat(List<Holder.PbsJob> jobs) {
        List<String> command = new ArrayList<>(List.of("qstat", "-x", "-f", "-w"));
        jobs.forEach(job -> command.add(job.jobId()));
        while (true) {
            Optional<Tool.Output> output = tool.run(command);
            String refusal = output.map(Tool.Output::err).orElse("");
            boolean again = (refusal.contains(MISUSED) && command.remove("-w"))
                    || (refusal.contains(NO_HISTORY) && command.remove("-x"));
            if (!again) {
                return output;
            }
        }
    }

    /** The attributes of one job in the listing. */
    private static final class Listed {
        private final Set<String> owners = new HashSet<>();
        private final Set<String> states = new HashSet<>();
        private int records;

        void read(String line) {
            if (line.startsWith(OWNER)) {
                owners.add(line.substring(OWNER.length()).strip().split("@", -1)[0]);
            } else if (line.startsWith(STATE)) {
                states.add(line.substring(STATE.length()).strip());
            }
        }

        JobAnswer answer() {
            if (records > 1 || states.size() != 1 || owners.size() > 1) {
                return JobAnswer.UNKNOWN;
            }
            return Pbs.answer(
                    states.iterator().next(),
                    owners.isEmpty() ? "" : owners.iterator().next());
        }
    }

    private static Map<String, JobAnswer> listed(String text) {
        Map<String, Listed> jobs = new HashMap<>();
        Listed job = new Listed();
        for (String line : text.split("\n", -1)) {
            if (line.startsWith(RECORD)) {
                job = jobs.computeIfAbsent(line.substring(RECORD.length()).strip(), _ -> new Listed());
                job.records++;
            } else {
                job.read(line);
            }
        }
        Map<String, JobAnswer> said = new HashMap<>();
        jobs.forEach((id, listed) -> said.put(id, listed.answer()));
        return said;
    }

    private static JobAnswer answer(String state, String owner) {
        if (ENDED.contains(state)) {
            return JobAnswer.ENDED;
        }
        // The job moved to another server, which would have to be asked.
        return state.equals("M") ? JobAnswer.UNKNOWN : JobAnswer.alive(owner);
    }
}
