package org.plurality.scheduler;

/**
 * What a scheduler says of a job.
 *
 * @param user whose job it is: a number with Slurm, a name with PBS; empty when not known
 */
public record JobAnswer(State state, String user) {
    /** Whether a job may still run. */
    public enum State {
        /** It waits, runs, or ends at this moment. */
        ALIVE,
        /** The scheduler says that it has ended. */
        ENDED,
        /** The scheduler that would know it does not, or only its accounting says that it ended: it may be another's number, or a new job. */
        ABSENT,
        /** The scheduler could not be asked, or does not say. */
        UNKNOWN
    }

    public static final JobAnswer UNKNOWN = new JobAnswer(State.UNKNOWN, "");
    static final JobAnswer ENDED = new JobAnswer(State.ENDED, "");
    static final JobAnswer ABSENT = new JobAnswer(State.ABSENT, "");

    static JobAnswer alive(String user) {
        return new JobAnswer(State.ALIVE, user);
    }
}
