// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli;

import org.plurality.app.Session;
import org.plurality.process.Processes;
import picocli.CommandLine;

/** {@code plurality-stagein}. */
public final class StageIn {
    private StageIn() {}

    /** The commands, to read what they take. */
    public static CommandLine commands() {
        return new StageInCli(Session.ofProcess()).commands();
    }

    public static void main(String[] arguments) {
        Processes.halt(new StageInCli(Session.ofProcess()).run(arguments));
    }
}
