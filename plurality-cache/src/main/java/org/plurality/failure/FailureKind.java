package org.plurality.failure;

/**
 * The kinds of failure, each with the exit code of {@code plurality-stagein}. What runs a program in a container ends with {@link
 * #EXEC_FAILED} for all but {@link #NOT_EXECUTABLE} and {@link #NO_PROGRAM}, because there every other code belongs to the program.
 */
public enum FailureKind {
    OTHER(1),
    USAGE(2),
    NOT_FOUND(3),
    NOT_AUTHORISED(4),
    NETWORK(5),
    INTEGRITY(6),
    STORAGE(7),
    BUSY(8),
    /** The program that was to run in a container is there, and is none. */
    NOT_EXECUTABLE(126),
    /** There is no such program in the container. */
    NO_PROGRAM(127),
    INTERRUPTED(130);

    /** Exit code of {@code plurality-exec} when Plurality or runc failed, not the program. */
    public static final int EXEC_FAILED = 125;

    private final int exitCode;

    FailureKind(int exitCode) {
        this.exitCode = exitCode;
    }

    public int exitCode() {
        return exitCode;
    }
}
