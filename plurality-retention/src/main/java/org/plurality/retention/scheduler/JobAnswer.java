// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.scheduler;

/**
 * A scheduler's answer about a job.
 *
 * @param user owner of the job: a number with Slurm, a name with PBS; empty if not known
 */
public record JobAnswer(State state, String user) {
    /** Whether a job may still run. */
    public enum State {
        /** The job is pending, running or just ending. */
        ALIVE,
        /** The scheduler reports that the job has ended. */
        ENDED,
        /**
         * The scheduler that should know the job does not, or only its accounting reports that the job ended: the
         * number may be another cluster's, or a new job's.
         */
        ABSENT,
        /** The scheduler could not be asked, or its answer does not tell. */
        UNKNOWN
    }

    public static final JobAnswer UNKNOWN = new JobAnswer(State.UNKNOWN, "");
    static final JobAnswer ENDED = new JobAnswer(State.ENDED, "");
    static final JobAnswer ABSENT = new JobAnswer(State.ABSENT, "");

    static JobAnswer alive(String user) {
        return new JobAnswer(State.ALIVE, user);
    }
}
