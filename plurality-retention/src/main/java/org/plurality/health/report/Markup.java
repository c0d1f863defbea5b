// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.report;

import org.plurality.failure.Printable;

/** Builds HTML piece by piece. Text is escaped for elements and for attributes in double quotes alike. */
final class Markup {
    private static final int LONGEST = 160;

    private final StringBuilder html = new StringBuilder();

    /** Appends markup as it is: only constants of the code, and numbers. */
    Markup raw(String markup) {
        html.append(markup);
        return this;
    }

    /** Appends any other text, escaped. */
    Markup text(String text) {
        html.append(escaped(text));
        return this;
    }

    /** Appends an element that contains text. */
    Markup element(String name, String text) {
        return raw("<" + name + ">").text(text).raw("</" + name + ">");
    }

    static String escaped(String text) {
        String line = Printable.line(text);
        String shown = line.length() > LONGEST ? line.substring(0, LONGEST) + "…" : line;
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < shown.length(); i++) {
            char c = shown.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.append(c);
            }
        }
        return escaped.toString();
    }

    @Override
    public String toString() {
        return html.toString();
    }
}
