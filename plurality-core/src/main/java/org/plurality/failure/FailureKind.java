// SPDX-License-Identifier: Apache-2.0
package org.plurality.failure;

/**
 * The kinds of failure, each with the exit code of {@code plurality-stagein}. Commands that run a program in a
 * container exit with {@link #EXEC_FAILED} for all kinds except {@link #NOT_EXECUTABLE} and {@link #NO_PROGRAM},
 * because every other code belongs to the program.
 */
public enum FailureKind {
    OTHER(1, "something else went wrong"),
    USAGE(2, "a wrong option, argument or setting"),
    NOT_FOUND(3, "no such image, lease or container"),
    NOT_AUTHORISED(4, "the registry or a policy does not let you"),
    NETWORK(5, "the registry cannot be reached, or failed"),
    INTEGRITY(6, "what arrived, or what is staged in, is not what it should be"),
    STORAGE(7, "the filesystem is full, or may not be written to"),
    BUSY(8, "somebody needs it, or works on it"),
    NOT_EXECUTABLE(126, "the program that was to run in a container is there, and cannot be executed"),
    NO_PROGRAM(127, "there is no such program in the container"),
    INTERRUPTED(130, "interrupted");

    /** Exit code of {@code plurality-exec} if Plurality or runc failed, not the program. */
    public static final int EXEC_FAILED = 125;

    private final int exitCode;
    private final String meaning;

    FailureKind(int exitCode, String meaning) {
        this.exitCode = exitCode;
        this.meaning = meaning;
    }

    public String meaning() {
        return meaning;
    }

    public int exitCode() {
        return exitCode;
    }
}
