// SPDX-License-Identifier: Apache-2.0
package org.plurality.jobs;

/** Why staging failed, for the comment of a job. */
final class Reasons {
    private static final int LONGEST_MESSAGE = 250;
    private static final int LONGEST_HINT = 150;
    private static final String MESSAGE = "plurality-stagein: ";
    private static final String HINT = "hint: ";

    private Reasons() {}

    /** Returns the last error of the log. A long message is cut; a hint is there as a whole, or not at all. */
    static String comment(String log, String number) {
        String message = last(log, MESSAGE);
        String hint = last(log, HINT);
        if (message.isEmpty()) {
            message = "cannot stage in: plurality-stagein ended without a message";
        }
        if (message.length() > LONGEST_MESSAGE) {
            message = message.substring(0, LONGEST_MESSAGE - 3) + "...";
        }
        String advice = hint.isEmpty() || hint.length() > LONGEST_HINT ? "" : "; hint: " + hint;
        return "plurality: " + message + advice + "; 'qrls " + number + "' tries again";
    }

    private static String last(String log, String start) {
        String found = "";
        for (String line : log.split("\n", -1)) {
            if (line.startsWith(start)) {
                found = line.substring(start.length()).replaceAll("[^\\x20-\\x7e]", "");
            }
        }
        return found;
    }
}
