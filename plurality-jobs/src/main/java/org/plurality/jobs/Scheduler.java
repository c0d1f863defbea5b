// SPDX-License-Identifier: Apache-2.0
package org.plurality.jobs;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A scheduler's server, as the agent needs it. Every method may be called by several threads at once, and gives up
 * after
 * some seconds if the server does not answer.
 */
public interface Scheduler {
    /** The server's answer about a job. */
    enum Fate {
        /** It waits or runs. */
        LIVES,
        /** The server does not know it any more, or knows that it has ended. */
        OVER,
        /** The server did not answer. */
        UNKNOWN
    }

    /**
     * Looks for held jobs of a user that carry our tags.
     *
     * @param known jobs that need not be looked at
     * @return job by tag; empty if the server did not answer
     */
    Optional<Map<String, String>> find(String user, Collection<String> tags, Set<String> known);

    /** Returns all jobs that wait or run; empty if the server did not answer. Arrays are one job. */
    Optional<Set<String>> all();

    Fate fate(String job);

    /** Returns the types of the job's holds; empty if the server did not answer. */
    Optional<String> holds(String job);

    /** Adds holds of these types; returns whether the server did so. */
    boolean hold(String job, String types);

    /** Takes holds of these types off the job; returns whether the server did so. */
    boolean release(String job, String types);

    /** Shows the text to users who ask for the job; returns whether the server did so. */
    boolean comment(String job, String text);
}
