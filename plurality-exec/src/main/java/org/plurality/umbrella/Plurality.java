// SPDX-License-Identifier: Apache-2.0
package org.plurality.umbrella;

import org.plurality.process.Exit;
import picocli.CommandLine;

/** The commands of named containers, called by the script {@code plurality}. */
public final class Plurality {
    private Plurality() {}

    /** The commands, to read what they take. */
    public static CommandLine commands() {
        return new UmbrellaProgram(Session.ofProcess()).commands();
    }

    public static void main(String[] arguments) {
        Exit.with(new UmbrellaProgram(Session.ofProcess()).run(arguments));
    }
}
