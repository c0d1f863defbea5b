package org.plurality.lease;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Instant;
import org.plurality.json.JsonObject;
import org.plurality.process.ProcessIdentity;

/** What a lease lives as long as. */
public sealed interface Holder {
    /** A Slurm job, from submit to its end. */
    record SlurmJob(String jobId) implements Holder {}

    /** A PBS job, with its server's name as {@code PBS_JOBID} has it. */
    record PbsJob(String jobId) implements Holder {}

    /** A process outside any job. */
    record LocalProcess(ProcessIdentity identity) implements Holder {}

    /** A date, by the filesystem server's clock. */
    record Until(Instant end) implements Holder {}

    /** What people read in lists and errors. */
    default String describe() {
        return switch (this) {
            case SlurmJob job -> "Slurm job " + job.jobId();
            case PbsJob job -> "PBS job " + job.jobId();
            case LocalProcess process ->
                "process " + process.identity().pid() + " on "
                        + process.identity().host();
            case Until until -> "until " + until.end();
        };
    }

    /** Writes the members into the object that is open. */
    default void write(JsonGenerator json) throws IOException {
        switch (this) {
            case SlurmJob job -> {
                json.writeStringField("kind", "slurm");
                json.writeStringField("jobId", job.jobId());
            }
            case PbsJob job -> {
                json.writeStringField("kind", "pbs");
                json.writeStringField("jobId", job.jobId());
            }
            case LocalProcess process -> {
                json.writeStringField("kind", "process");
                process.identity().write(json);
            }
            case Until until -> {
                json.writeStringField("kind", "until");
                json.writeStringField("end", until.end().toString());
            }
        }
    }

    static Holder read(JsonObject json) throws IOException {
        String kind = json.string("kind");
        return switch (kind) {
            case "slurm" -> new SlurmJob(json.string("jobId"));
            case "pbs" -> new PbsJob(json.string("jobId"));
            case "process" -> new LocalProcess(ProcessIdentity.read(json));
            case "until" -> new Until(Instant.parse(json.string("end")));
            default -> throw new IOException("\"kind\" is '" + kind + "', no holder of a lease");
        };
    }
}
