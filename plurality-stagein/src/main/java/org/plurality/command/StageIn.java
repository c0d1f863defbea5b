// SPDX-License-Identifier: Apache-2.0
package org.plurality.command;

import org.plurality.process.Exit;
import picocli.CommandLine;

/** {@code plurality-stagein}. */
public final class StageIn {
    private StageIn() {}

    /** The commands, to read what they take. */
    public static CommandLine commands() {
        return new CommandLineProgram(Session.ofProcess()).commands();
    }

    public static void main(String[] arguments) {
        Exit.with(new CommandLineProgram(Session.ofProcess()).run(arguments));
    }
}
