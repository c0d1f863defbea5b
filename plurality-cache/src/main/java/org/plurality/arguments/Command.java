package org.plurality.arguments;

import java.util.concurrent.Callable;
import picocli.CommandLine;

/** One command: what it takes, and what it does. Returns the exit code. */
public interface Command extends Callable<Integer> {
    Arguments arguments();

    /** To be executed, or to be made another's subcommand. */
    default CommandLine commandLine() {
        return arguments().commandLine(this);
    }
}
