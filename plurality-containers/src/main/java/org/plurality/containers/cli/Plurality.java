// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers.cli;

import org.plurality.process.Processes;
import picocli.CommandLine;

/** The commands of named containers, called by the script {@code plurality}. */
public final class Plurality {
    private Plurality() {}

    /** The commands, to read what they take. */
    public static CommandLine commands() {
        return new PluralityCli(Session.ofProcess()).commands();
    }

    public static void main(String[] arguments) {
        Processes.halt(new PluralityCli(Session.ofProcess()).run(arguments));
    }
}
