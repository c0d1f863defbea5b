// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers.cli;

import org.plurality.arguments.Arguments;
import org.plurality.arguments.Flag;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/** {@code -it}, as other tools have it: a program has the caller's terminal and standard input without. */
final class TerminalOptions {
    private final Flag terminal;

    TerminalOptions(Arguments arguments) {
        arguments.flag("-i, --interactive", "Accepted: the program always reads standard input.");
        terminal = arguments.flag("-t, --tty", "Require a terminal; the program has yours in any case.");
    }

    /** @throws PluralityException (USAGE) when a terminal is required and there is none */
    void check(boolean isThere) throws PluralityException {
        if (terminal.isGiven() && !isThere) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot give the program a terminal: standard input or output is no terminal",
                    "leave --tty out, or call it from a terminal");
        }
    }
}
