// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.schedule;

import org.plurality.failure.PluralityException;

/** A repeated task. A process runs at most one instance of it at a time; other hosts may run it too. */
@FunctionalInterface
public interface Task {
    /** @return a summary in one line for people; empty if there is nothing to report */
    String run() throws PluralityException;
}
