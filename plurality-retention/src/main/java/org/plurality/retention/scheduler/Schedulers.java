// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.scheduler;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.plurality.lease.Holder;

/**
 * The schedulers of this site, as far as their commands are on {@code PATH}. One call of {@link #ask} starts at most
 * three commands for Slurm, two or three for each other cluster, and one to three for every 500 PBS jobs; each is
 * killed after the time-out.
 */
public final class Schedulers {
    private final Slurm slurm;
    private final Pbs pbs;

    /**
     * @param patience time limit of each command
     * @param self user id of this process
     */
    public Schedulers(Duration patience, long self) {
        Tool tool = new Tool(patience);
        this.slurm = new Slurm(tool, self);
        this.pbs = new Pbs(tool);
    }

    /** Returns an answer for every holder that is a job, and for no other. */
    public Map<Holder, JobAnswer> ask(Collection<Holder> holders) {
        List<Holder.SlurmJob> ofSlurm = new ArrayList<>();
        List<Holder.PbsJob> ofPbs = new ArrayList<>();
        for (Holder holder : new LinkedHashSet<>(holders)) {
            switch (holder) {
                case Holder.SlurmJob job -> ofSlurm.add(job);
                case Holder.PbsJob job -> ofPbs.add(job);
                case Holder.LocalProcess _, Holder.Until _ -> {
                    // The holder is not a job.
                }
            }
        }
        Map<Holder, JobAnswer> answers = new HashMap<>(slurm.ask(ofSlurm));
        answers.putAll(pbs.ask(ofPbs));
        return answers;
    }
}
