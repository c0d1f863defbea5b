// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.schedule;

import org.quartz.DisallowConcurrentExecution;
import org.quartz.Job;
import org.quartz.JobExecutionContext;

/** Quartz's view of a task; the job has the task's name. */
@DisallowConcurrentExecution
public final class TaskJob implements Job {
    private final Runnable run;

    TaskJob(Runnable run) {
        this.run = run;
    }

    @Override
    public void execute(JobExecutionContext context) {
        run.run();
    }
}
