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
            String cluster = environment.getOrDefault("SLURM_CLUSTER_NAME", "");
            return new JobContext(
                    new LeaseId(safe("slurm-" + (cluster.isEmpty() ? "" : cluster + "-") + slurmJob)),
                    new Holder.SlurmJob(slurmJob, cluster));
        }
        String pbsJob = environment.getOrDefault("PBS_JOBID", "");
        if (!pbsJob.isEmpty()) {
            return new JobContext(new LeaseId(safe("pbs-" + pbsJob)), new Holder.PbsJob(pbsJob));
        }
        ProcessIdentity identity = ProcessIdentity.of(process);
        String name = "process-" + identity.host() + "-" + identity.pid() + "-" + identity.startTicks();
        return new JobContext(new LeaseId(safe(name)), new Holder.LocalProcess(identity));
    }

    /** Job ids of arrays have brackets, host names may be long. */
    private static String safe(String name) {
        StringBuilder safe = new StringBuilder();
        for (int i = 0; i < name.length() && i < 128; i++) {
            char c = name.charAt(i);
            boolean allowed = (c >= '0' && c <= '9')
                    || (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || c == '.'
                    || c == '_'
                    || c == '-';
            safe.append(allowed ? c : '_');
        }
        return safe.toString();
    }
}
