// SPDX-License-Identifier: Apache-2.0
package org.plurality.failure;

/**
 * Makes text from outside (an image, a registry, another user's file) safe for a terminal and a log: one line of
 * bounded length, without control or formatting characters.
 */
public final class Printable {
    private static final int MOST = 2000;

    private Printable() {}

    /**
     * Keeps letters of any language; replaces characters that could move a cursor, or hide or reverse text, by {@code
     * ?}.
     */
    public static String line(String text) {
        StringBuilder line = null;
        int length = Math.min(text.length(), MOST);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (!isPlain(c)) {
                line = line == null ? new StringBuilder(text.substring(0, length)) : line;
                line.setCharAt(i, '?');
            }
        }
        String shown = line == null ? text.substring(0, length) : line.toString();
        return text.length() > MOST ? shown + "…" : shown;
    }

    private static boolean isPlain(char c) {
        if (c >= ' ' && c < 0x7f) {
            return true;
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.UNASSIGNED,
                    Character.PRIVATE_USE -> false;
            default -> true;
        };
    }
}
