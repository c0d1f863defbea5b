// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli.common;

import org.plurality.app.Session;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/** Prints a failure the way all commands do, and says the exit code. */
public final class ErrorReport {
    private final Session session;

    public ErrorReport(Session session) {
        this.session = session;
    }

    public int report(Exception failure, boolean debug) {
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
        session.err().println(Session.PROGRAM + ": " + known.getMessage());
        session.err().println("hint: " + known.hint());
        if (debug) {
            failure.printStackTrace(session.err());
        }
        return known.kind().exitCode();
    }
}
