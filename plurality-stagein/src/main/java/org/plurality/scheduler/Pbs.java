package org.plurality.scheduler;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.plurality.lease.Holder;

/**
 * Asks {@code qstat -x -f} for many jobs at once. A job has ended when its state says so, or when the server does not know its number;
 * a server that does not answer leaves it open. One that keeps no history refuses {@code -x}, and is asked without. Documentation: qstat(1B)
 * of OpenPBS, and its job states.
 */
final class Pbs {
    private static final Pattern JOB =
            Pattern.compile("[0-9]{1,12}(\\[[0-9]{0,9}\\])?(\\.[A-Za-z0-9][A-Za-z0-9._-]{0,200})?");
    private static final Pattern UNKNOWN_JOB = Pattern.compile("(?m)Unknown Job(?: Id)?:? (\\S+)\\s*$");
    private static final String NO_HISTORY = "not configured to maintain job history";
    private static final int AT_ONCE = 500;
    private static final int MOST_SERVERS = 4;

    /** Finished, and an array's finished task. */
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
        // A lease may name a server that nobody has heard of: those with many jobs are asked first, and not all.
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

    /** @return false when there was no answer in time, so that the next would take as long */
    private boolean ask(List<Holder.PbsJob> jobs, Map<Holder, JobAnswer> answers) {
        Optional<Tool.Output> output = tool.run(command(List.of("qstat", "-x", "-f"), jobs));
        if (output.isPresent() && output.get().err().contains(NO_HISTORY)) {
            output = tool.run(command(List.of("qstat", "-f"), jobs));
        }
        if (output.isEmpty()) {
            return false;
        }
        Map<String, JobAnswer> said = new HashMap<>();
        Matcher unknown = UNKNOWN_JOB.matcher(output.get().err());
        while (unknown.find()) {
            said.put(unknown.group(1), JobAnswer.ABSENT);
        }
        said.putAll(listed(output.get().out()));
        for (Holder.PbsJob job : jobs) {
            answers.put(job, said.getOrDefault(job.jobId(), JobAnswer.UNKNOWN));
        }
        return true;
    }

    private static List<String> command(List<String> words, List<Holder.PbsJob> jobs) {
        List<String> command = new ArrayList<>(words);
        jobs.forEach(job -> command.add(job.jobId()));
        return command;
    }

    private static Map<String, JobAnswer> listed(String text) {
        Map<String, JobAnswer> said = new HashMap<>();
        String id = "";
        String owner = "";
        for (String line : text.split("\n", -1)) {
            if (line.startsWith("Job Id: ")) {
                id = line.substring("Job Id: ".length()).strip();
                owner = "";
            } else if (line.strip().startsWith("Job_Owner = ")) {
                owner = line.strip().substring("Job_Owner = ".length()).split("@", -1)[0];
            } else if (line.strip().startsWith("job_state = ")) {
                String state = line.strip().substring("job_state = ".length());
                said.put(id, answer(state, owner));
            }
        }
        return said;
    }

    private static JobAnswer answer(String state, String owner) {
        if (ENDED.contains(state)) {
            return JobAnswer.ENDED;
        }
        // Moved to another server, which would have to be asked.
        return state.equals("M") ? JobAnswer.UNKNOWN : JobAnswer.alive(owner);
    }
}
