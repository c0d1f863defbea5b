package org.plurality.process;

/** The end of this process. */
public final class Exit {
    private Exit() {}

    /**
     * Ends it, without the hooks of a shutdown: they are for an end that a signal asks for. {@link System#exit} looks on the whole class path for
     * who would log it, which takes longer than many a look-up.
     *
     * <p>Where a signal was first, the process ends when the hooks are through, and with the signal's status.
     */
    public static void with(int status) {
        if (isEnding()) {
            System.exit(status);
        }
        Runtime.getRuntime().halt(status);
    }

    private static boolean isEnding() {
        Thread none = new Thread();
        try {
            Runtime.getRuntime().addShutdownHook(none);
            Runtime.getRuntime().removeShutdownHook(none);
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }
}
