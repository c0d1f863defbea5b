// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli.common;

import java.io.IOException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Value;
import org.plurality.config.DurationText;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.lease.Holder;
import org.plurality.lease.LeaseId;
import org.plurality.process.ProcessIdentity;

/** How long a lease lives: one of these, or what the environment says. */
public final class HolderOptions {
    private static final Pattern SLURM_ID = Pattern.compile("slurm-(?:([A-Za-z0-9_-]+)-)?([0-9]{1,12})");
    private static final Pattern PBS_ID = Pattern.compile("pbs-([0-9]{1,12}[A-Za-z0-9._-]*)");

    private final Value<String> slurmJob;
    private final Value<String> pbsJob;
    private final Value<Long> process;
    private final Value<String> until;
    private final Value<String> duration;

    public HolderOptions(Arguments arguments) {
        slurmJob = arguments.option("--slurm-job", "JOB[@CLUSTER]", "As long as this Slurm job waits or runs.");
        pbsJob = arguments.option("--pbs-job", "JOB", "As long as this PBS job waits or runs.");
        process = arguments.option("--process", Long.class, "PID", "As long as this process of this host runs.");
        until = arguments.option("--until", "DATE", "Until then: 2026-12-31, 2026-12-31T18:00 or with an offset or Z.");
        duration = arguments.option("--for", "DURATION", "For so long from now: 12h, 2d, 3w.");
    }

    public boolean isGiven() {
        return given() > 0;
    }

    private int given() {
        return (slurmJob.get() == null ? 0 : 1)
                + (pbsJob.get() == null ? 0 : 1)
                + (process.get() == null ? 0 : 1)
                + (until.get() == null ? 0 : 1)
                + (duration.get() == null ? 0 : 1);
    }

    /**
     * @param id may name a job: {@code slurm-17}
     * @param environment in which a job says which it is
     * @param now by the server's clock
     */
    public Holder holder(@Nullable LeaseId id, Map<String, String> environment, Instant now) throws PluralityException {
        if (given() > 1) {
            throw usage(
                    "cannot take a lease for two holders",
                    "give one of --slurm-job, --pbs-job, --process, --until, --for");
        }
        if (slurmJob.get() != null) {
            String[] parts = slurmJob.get().split("@", 2);
            String cluster = parts.length > 1 ? parts[1] : environment.getOrDefault("SLURM_CLUSTER_NAME", "");
            return new Holder.SlurmJob(jobNumber(parts[0]), cluster);
        }
        if (pbsJob.get() != null) {
            return new Holder.PbsJob(pbsJob.get());
        }
        if (process.get() != null) {
            return process(process.get());
        }
        if (until.get() != null) {
            return new Holder.Until(date(until.get()));
        }
        if (duration.get() != null) {
            try {
                return new Holder.Until(now.plus(DurationText.parse(duration.get())));
            } catch (IllegalArgumentException e) {
                throw usage("cannot take a lease: " + e.getMessage(), "write it like --for 2d");
            }
        }
        return fromSurroundings(id, environment);
    }

    /** What the lease's name says, else the job in which this runs. */
    public static Holder fromSurroundings(@Nullable LeaseId id, Map<String, String> environment)
            throws PluralityException {
        if (id != null) {
            Matcher slurm = SLURM_ID.matcher(id.value());
            if (slurm.matches()) {
                String cluster = slurm.group(1);
                return new Holder.SlurmJob(
                        slurm.group(2), cluster == null ? environment.getOrDefault("SLURM_CLUSTER_NAME", "") : cluster);
            }
            Matcher pbs = PBS_ID.matcher(id.value());
            if (pbs.matches()) {
                return new Holder.PbsJob(pbs.group(1));
            }
        }
        String slurm = environment.getOrDefault("SLURM_JOB_ID", "");
        if (!slurm.isEmpty()) {
            return new Holder.SlurmJob(jobNumber(slurm), environment.getOrDefault("SLURM_CLUSTER_NAME", ""));
        }
        String pbs = environment.getOrDefault("PBS_JOBID", "");
        if (!pbs.isEmpty()) {
            return new Holder.PbsJob(pbs);
        }
        throw usage(
                "cannot take a lease: nothing says for how long",
                "outside a job give --for 2d, --until DATE, --slurm-job JOB, --pbs-job JOB or --process PID");
    }

    public static LeaseId usualId(Holder holder) throws PluralityException {
        try {
            return holder.usualId();
        } catch (IOException e) {
            throw PluralityException.storage("cannot name a lease", e);
        }
    }

    public static LeaseId id(String text) throws PluralityException {
        try {
            return new LeaseId(text);
        } catch (IllegalArgumentException e) {
            throw usage(
                    "cannot use the lease id '" + text + "'", "letters, digits, . _ - and no dot or hyphen in front");
        }
    }

    private static String jobNumber(String text) throws PluralityException {
        if (!text.matches("[0-9]{1,12}")) {
            throw usage(
                    "cannot take a lease for the Slurm job '" + text + "'",
                    "a job's number, as squeue --format=%A shows it");
        }
        return text;
    }

    private static Holder process(long pid) throws PluralityException {
        try {
            return new Holder.LocalProcess(ProcessIdentity.of(pid));
        } catch (IOException e) {
            throw new PluralityException(
                    FailureKind.NOT_FOUND,
                    "cannot take a lease for process " + pid + ": there is none on this host",
                    "give the pid of one that runs here",
                    e);
        }
    }

    private static Instant date(String text) throws PluralityException {
        List<DateReader> readers = new ArrayList<>(List.of(
                Instant::parse,
                form -> java.time.OffsetDateTime.parse(form).toInstant(),
                form -> LocalDateTime.parse(form).atZone(ZoneId.systemDefault()).toInstant(),
                form -> LocalDate.parse(form)
                        .atStartOfDay(ZoneId.systemDefault())
                        .toInstant()));
        for (DateReader reader : readers) {
            try {
                return reader.read(text);
            } catch (DateTimeParseException e) {
                // Written another way.
            }
        }
        throw usage("cannot understand the date '" + text + "'", "write it like 2026-12-31 or 2026-12-31T18:00");
    }

    @FunctionalInterface
    private interface DateReader {
        Instant read(String text);
    }

    private static PluralityException usage(String message, String hint) {
        return new PluralityException(FailureKind.USAGE, message, hint);
    }
}
