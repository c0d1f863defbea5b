package org.plurality.schedule;

import org.plurality.failure.PluralityException;

/** Something that is done again and again. Run at most once at a time in a process; other hosts may be at it too. */
@FunctionalInterface
public interface Task {
    /** @return what was done, in one line for people; empty for nothing worth one */
    String run() throws PluralityException;
}
