// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.io.IOException;
import java.util.Map;
import org.plurality.lease.Holder;
import org.plurality.lease.LeaseId;
import org.plurality.process.ProcessIdentity;

/**
 * Whom a lease is taken for: the scheduler's job when there is one, else the launched process itself.
 *
 * @param lease one a job, whatever its nodes and ranks
 */
public record JobContext(LeaseId lease, Holder holder) {

    /** @param process the launcher's pid, which the program keeps when it replaces the launcher */
    public static JobContext of(Map<String, String> environment, long process) throws IOException {
        String slurmJob = environment.getOrDefault("SLURM_JOB_ID", "");
        if (!slurmJob.isEmpty()) {
            return of(new Holder.SlurmJob(slurmJob, environment.getOrDefault("SLURM_CLUSTER_NAME", "")));
        }
        String pbsJob = environment.getOrDefault("PBS_JOBID", "");
        if (!pbsJob.isEmpty()) {
            return of(new Holder.PbsJob(pbsJob));
        }
        return of(new Holder.LocalProcess(ProcessIdentity.of(process)));
    }

    private static JobContext of(Holder holder) throws IOException {
        return new JobContext(holder.usualId(), holder);
    }
}
