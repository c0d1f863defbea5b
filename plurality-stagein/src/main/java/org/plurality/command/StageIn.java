package org.plurality.command;

/** {@code plurality-stagein}. */
public final class StageIn {
    private StageIn() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLineProgram(Session.ofProcess()).run(arguments));
    }
}
