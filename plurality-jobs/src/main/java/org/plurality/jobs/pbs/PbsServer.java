// SPDX-License-Identifier: Apache-2.0
package org.plurality.jobs.pbs;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.plurality.jobs.Commands;
import org.plurality.jobs.Scheduler;

/**
 * PBS's own commands, from {@code PATH}. Of what {@code qstat -f} prints, names of jobs count only if {@code
 * qselect} names
 * them too, and other attributes only by the first words of their lines: a job's variables are its user's text.
 */
public final class PbsServer implements Scheduler {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** Jobs that are asked about by one command. */
    private static final int AT_ONCE = 500;

    private static final String ATTRIBUTE = "    ";

    @Override
    public Optional<Map<String, String>> find(String user, Collection<String> tags, Set<String> known) {
        Optional<Set<String>> held = select(List.of("qselect", "-u", user, "-s", "H"));
        if (held.isEmpty()) {
            return Optional.empty();
        }
        List<String> asked = new ArrayList<>(held.get());
        asked.removeAll(known);
        Map<String, String> found = new HashMap<>();
        for (int from = 0; from < asked.size(); from += AT_ONCE) {
            List<String> command = new ArrayList<>(List.of("qstat", "-f"));
            command.addAll(asked.subList(from, Math.min(from + AT_ONCE, asked.size())));
            // Some of several jobs may have ended since: the others are printed.
            Commands.Result result = run(command);
            if (result.status() == NO_ANSWER) {
                return Optional.empty();
            }
            read(result.output(), held.get(), tags, found);
        }
        return Optional.of(found);
    }

    /** Long lines are folded, also within a word. */
    private static void read(String printed, Set<String> held, Collection<String> tags, Map<String, String> found) {
        String job = "";
        StringBuilder text = new StringBuilder();
        for (String line : (printed + "\nJob Id: ").split("\n", -1)) {
            if (line.startsWith("Job Id: ")) {
                note(job, text, held, tags, found);
                job = line.substring("Job Id: ".length()).strip();
                text.setLength(0);
            }
            text.append(line.replaceAll("[\t ]", ""));
        }
    }

    private static void note(
            String job, StringBuilder text, Set<String> held, Collection<String> tags, Map<String, String> found) {
        String mark = "PLURALITY_REQUEST=";
        if (!held.contains(job)) {
            return;
        }
        for (int at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) {
            int start = at + mark.length();
            String tag = text.substring(start, Math.min(start + 32, text.length()));
            if (tags.contains(tag)) {
                found.putIfAbsent(tag, job);
            }
        }
    }

    @Override
    public Optional<Set<String>> all() {
        return select(List.of("qselect"));
    }

    @Override
    public Fate fate(String job) {
        Commands.Result result = run(List.of("qstat", "-f", "-x", job));
        if (result.output().contains("job history")
                && attribute(result.output(), "job_state").isEmpty()) {
            // A server without a history knows no job that has ended.
            result = run(List.of("qstat", "-f", job));
        }
        Optional<String> state = attribute(result.output(), "job_state");
        if (state.isPresent()) {
            return state.get().matches("[FX]") ? Fate.OVER : Fate.LIVES;
        }
        return result.output().contains("Unknown Job") ? Fate.OVER : Fate.UNKNOWN;
    }

    @Override
    public Optional<String> holds(String job) {
        return attribute(run(List.of("qstat", "-f", job)).output(), "Hold_Types");
    }

    @Override
    public boolean hold(String job, String types) {
        return run(List.of("qhold", "-h", types, job)).status() == 0;
    }

    @Override
    public boolean release(String job, String types) {
        return run(List.of("qrls", "-h", types, job)).status() == 0;
    }

    @Override
    public boolean comment(String job, String text) {
        return run(List.of("qalter", "-W", "comment=" + text, job)).status() == 0;
    }

    private static Optional<String> attribute(String printed, String name) {
        String start = ATTRIBUTE + name + " = ";
        return printed.lines()
                .filter(line -> line.startsWith(start))
                .findFirst()
                .map(line -> line.substring(start.length()).strip());
    }

    private static Optional<Set<String>> select(List<String> command) {
        Commands.Result result = run(command);
        if (result.status() != 0) {
            return Optional.empty();
        }
        Set<String> jobs = new LinkedHashSet<>();
        result.output()
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .forEach(jobs::add);
        return Optional.of(new HashSet<>(jobs));
    }

    private static final int NO_ANSWER = 124;

    private static Commands.Result run(List<String> command) {
        try {
            return Commands.run(LIMIT, Map.of(), command);
        } catch (IOException e) {
            return new Commands.Result(NO_ANSWER, "");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Commands.Result(NO_ANSWER, "");
        }
    }
}
