// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.shell;

/** The text of {@code $'...'}, as bash writes words with control characters. */
final class AnsiQuote {
    private AnsiQuote() {}

    static String text(String inside) {
        StringBuilder text = new StringBuilder();
        for (int at = 0; at < inside.length(); at++) {
            char c = inside.charAt(at);
            if (c != '\\' || at + 1 == inside.length()) {
                text.append(c);
                continue;
            }
            char escaped = inside.charAt(++at);
            switch (escaped) {
                case 'n' -> text.append('\n');
                case 't' -> text.append('\t');
                case 'r' -> text.append('\r');
                case 'a' -> text.append('\u0007');
                case 'b' -> text.append('\b');
                case 'f' -> text.append('\f');
                case 'v' -> text.append('\u000b');
                case 'e', 'E' -> text.append('\u001b');
                case 'x' -> at = digits(inside, at + 1, 2, 16, text);
                case 'u' -> at = digits(inside, at + 1, 4, 16, text);
                case '0', '1', '2', '3', '4', '5', '6', '7' -> at = digits(inside, at, 3, 8, text);
                default -> text.append(escaped);
            }
        }
        return text.toString();
    }

    /** Appends a character given by its number; returns the place of the last digit. */
    private static int digits(String inside, int from, int most, int radix, StringBuilder text) {
        int end = from;
        while (end < inside.length() && end - from < most && Character.digit(inside.charAt(end), radix) >= 0) {
            end++;
        }
        if (end > from) {
            text.append((char) Integer.parseInt(inside.substring(from, end), radix));
        }
        return end - 1;
    }
}
