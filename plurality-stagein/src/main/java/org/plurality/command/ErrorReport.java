// SPDX-License-Identifier: Apache-2.0
package org.plurality.command;

import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/** Prints a failure the way all commands do, and says the exit code. */
final class ErrorReport {
    private final Session session;

    ErrorReport(Session session) {
        this.session = session;
    }

    int report(Exception failure, boolean debug) {
        if (session.interruption().isAsked()) {
            return FailureKind.INTERRUPTED.exitCode();
        }
        PluralityException known = failure instanceof PluralityException plurality
                ? plurality
                : new PluralityException(
                        FailureKind.OTHER,
                        "cannot go on: " + failure,
                        "run it again with --debug and report what it prints",
                        failure);
        session.err().println(CommandLineProgram.NAME + ": " + known.getMessage());
        session.err().println("hint: " + known.hint());
        if (debug) {
            failure.printStackTrace(session.err());
        }
        return known.kind().exitCode();
    }
}
