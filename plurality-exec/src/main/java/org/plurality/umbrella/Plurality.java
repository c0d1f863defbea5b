package org.plurality.umbrella;

/** The commands of named containers, called by the script {@code plurality}. */
public final class Plurality {
    private Plurality() {}

    public static void main(String[] arguments) {
        System.exit(new UmbrellaProgram(Session.ofProcess()).run(arguments));
    }
}
