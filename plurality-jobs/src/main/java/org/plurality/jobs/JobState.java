// SPDX-License-Identifier: Apache-2.0
package org.plurality.jobs;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The state of the images of a job. A job's record may be removed in any state: then the job has ended. */
public enum JobState {
    /** Nothing works on it; the job is held. */
    WAITING,
    /** Its images are being pulled; the job is held. */
    STAGING,
    /** The images are there, and the job still has to be released. */
    STAGED,
    /** The job may run. */
    RELEASED,
    /** A pull failed. The job has a user's hold, or is about to get one. */
    FAILED;

    /** Returns the states that may follow. */
    public Set<JobState> next() {
        return switch (this) {
            case WAITING -> EnumSet.of(STAGING);
            // To WAITING: the agent, or its host, ended in the middle of the pull.
            case STAGING -> EnumSet.of(WAITING, STAGED, FAILED);
            case STAGED -> EnumSet.of(RELEASED);
            case RELEASED -> EnumSet.noneOf(JobState.class);
            case FAILED -> EnumSet.of(WAITING);
        };
    }

    /** Returns whether something has to be done before the job can run without its user doing anything. */
    public boolean isPending() {
        return this == WAITING || this == STAGING || this == STAGED;
    }

    /** Returns the word in a record's file {@code state}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the state that a record's file {@code state} contains. */
    public static Optional<JobState> of(String word) {
        for (JobState state : values()) {
            if (state.word().equals(word)) {
                return Optional.of(state);
            }
        }
        return Optional.empty();
    }
}
