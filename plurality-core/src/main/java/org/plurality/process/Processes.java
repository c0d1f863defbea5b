// SPDX-License-Identifier: Apache-2.0
package org.plurality.process;

/** Ends this process. */
public final class Processes {
    private Processes() {}

    /**
     * Ends the process without running shutdown hooks, which are for the end that a signal requests. {@link
     * System#exit} searches the whole class path for a logger, which takes longer than many look-ups.
     *
     * <p>If a signal arrived first, the process ends when the hooks have finished, with the signal's status.
     */
    public static void halt(int status) {
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
