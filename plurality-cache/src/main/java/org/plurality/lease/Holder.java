// SPDX-License-Identifier: Apache-2.0
package org.plurality.lease;

import java.io.IOException;
import java.time.Instant;
import org.plurality.cache.OwnerTaggedName;
import org.plurality.json.JsonObject;
import org.plurality.json.JsonWriter;
import org.plurality.process.ProcessIdentity;

/**
 * The job, process or date whose end also ends a lease.
 *
 * <p>Each kind writes itself: a switch over patterns would cost a waiting rank 10 ms for its bootstrap.
 */
public sealed interface Holder {
    /** Describes the holder for people, in lists and errors. */
    String describe();

    /** Returns the id of the holder's lease if the user chooses no other. It is always the same, except for a date. */
    LeaseId usualId() throws IOException;

    /** Writes the members into the object that is open. */
    void write(JsonWriter json) throws IOException;

    /**
     * A Slurm job, from its submission to its end.
     *
     * @param cluster that runs it; empty for the cluster of the host that asks
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

    /** A PBS job. Its id includes the server's name, as in {@code PBS_JOBID}. */
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

        /**
         * Returns an id whose prefix names the user and the host, so that a launch finds its own user's leases without
         * reading those of other users.
         */
        @Override
        public LeaseId usualId() {
            String boot = identity.bootId();
            return LeaseId.of(prefix(identity)
                    + boot.substring(0, Math.min(boot.length(), 8)) + "-" + identity.pid() + "-"
                    + identity.startTicks());
        }

        /**
         * Returns the prefix of the ids of all processes of this process's user and host. Processes of other hosts may
         * share it.
         */
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
