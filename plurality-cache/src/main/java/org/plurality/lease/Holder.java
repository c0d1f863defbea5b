// SPDX-License-Identifier: Apache-2.0
package org.plurality.lease;

import java.io.IOException;
import java.time.Instant;
import org.plurality.cache.OwnerTaggedName;
import org.plurality.json.JsonObject;
import org.plurality.json.JsonWriter;
import org.plurality.process.ProcessIdentity;

/**
 * What a lease lives as long as.
 *
 * <p>Each kind writes itself: a switch over patterns would cost a waiting rank 10 ms for its bootstrap.
 */
public sealed interface Holder {
    /** What people read in lists and errors. */
    String describe();

    /** The id that a holder's lease has unless somebody chooses another; always the same but for a date. */
    LeaseId usualId() throws IOException;

    /** Writes the members into the object that is open. */
    void write(JsonWriter json) throws IOException;

    /**
     * A Slurm job, from submit to its end.
     *
     * @param cluster that runs it; empty for that of the host which asks
     */
    record SlurmJob(String jobId, String cluster) implements Holder {
        public SlurmJob(String jobId) {
            this(jobId, "");
        }

        @Override
        public String describe() {
            return "Slurm job " + jobId + (cluster.isEmpty() ? "" : " on " + cluster);
        }

        @Override
        public LeaseId usualId() {
            return LeaseId.of("slurm-" + (cluster.isEmpty() ? "" : cluster + "-") + jobId);
        }

        @Override
        public void write(JsonWriter json) throws IOException {
            json.writeStringField("kind", "slurm");
            json.writeStringField("jobId", jobId);
            if (!cluster.isEmpty()) {
                json.writeStringField("cluster", cluster);
            }
        }
    }

    /** A PBS job, with its server's name as {@code PBS_JOBID} has it. */
    record PbsJob(String jobId) implements Holder {
        @Override
        public String describe() {
            return "PBS job " + jobId;
        }

        @Override
        public LeaseId usualId() {
            return LeaseId.of("pbs-" + jobId);
        }

        @Override
        public void write(JsonWriter json) throws IOException {
            json.writeStringField("kind", "pbs");
            json.writeStringField("jobId", jobId);
        }
    }

    /** A process outside any job. */
    record LocalProcess(ProcessIdentity identity) implements Holder {
        @Override
        public String describe() {
            return "process " + identity.pid() + " on " + identity.host();
        }

        /** Its beginning says whose lease it is and on which host, so that a launch finds its own user's without reading others'. */
        @Override
        public LeaseId usualId() {
            String boot = identity.bootId();
            return LeaseId.of(prefix(identity)
                    + boot.substring(0, Math.min(boot.length(), 8)) + "-" + identity.pid() + "-"
                    + identity.startTicks());
        }

        /** What the ids of all processes of this process's user and host begin with; perhaps those of other hosts, too. */
        static String prefix(ProcessIdentity process) {
            return LeaseId.of("process-u" + process.uid() + "-" + process.host() + "-")
                    .value();
        }

        @Override
        public void write(JsonWriter json) throws IOException {
            json.writeStringField("kind", "process");
            identity.write(json);
        }
    }

    /** A date, by the filesystem server's clock. */
    record Until(Instant end) implements Holder {
        @Override
        public String describe() {
            return "a lease until " + end;
        }

        @Override
        public LeaseId usualId() throws IOException {
            return LeaseId.of("until-" + OwnerTaggedName.random());
        }

        @Override
        public void write(JsonWriter json) throws IOException {
            json.writeStringField("kind", "until");
            json.writeNumberField("endMillis", end.toEpochMilli());
        }
    }

    static Holder read(JsonObject json) throws IOException {
        String kind = json.string("kind");
        return switch (kind) {
            case "slurm" -> {
                String cluster = json.optionalString("cluster");
                yield new SlurmJob(json.string("jobId"), cluster == null ? "" : cluster);
            }
            case "pbs" -> new PbsJob(json.string("jobId"));
            case "process" -> new LocalProcess(ProcessIdentity.read(json));
            case "until" -> new Until(Instant.ofEpochMilli(json.number("endMillis")));
            default -> throw new IOException("\"kind\" is '" + kind + "', no holder of a lease");
        };
    }
}
