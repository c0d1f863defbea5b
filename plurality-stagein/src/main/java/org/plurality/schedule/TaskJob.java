package org.plurality.schedule;

import org.quartz.DisallowConcurrentExecution;
import org.quartz.Job;
import org.quartz.JobExecutionContext;

/** Quartz's view of a task: its name is the job's. */
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
