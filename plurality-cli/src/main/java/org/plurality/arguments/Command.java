// SPDX-License-Identifier: Apache-2.0
package org.plurality.arguments;

import java.util.concurrent.Callable;
import picocli.CommandLine;

/** One command: its arguments, and its action, which returns the exit code. */
public interface Command extends Callable<Integer> {
    Arguments arguments();

    /** Returns the picocli command, to be executed or added to another command as a subcommand. */
    default CommandLine commandLine() {
        return arguments().commandLine(this);
    }
}
