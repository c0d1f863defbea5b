// SPDX-License-Identifier: Apache-2.0
package org.plurality.definition;

import java.io.IOException;
import java.util.Map;
import java.util.Set;

/**
 * Text with variables of the host in it: {@code ${NAME}}, {@code ${NAME:-word}}, and {@code $${NAME}} for the text
 * <code>${NAME}</code>.
 */
final class VariableText {
    private static final String DEFAULT = ":-";

    private VariableText() {}

    /**
     * @param withheld names whose values differ between those who get the text
     * @throws IOException if a variable without a default is not set, or is withheld
     */
    static String expand(String text, Map<String, String> environment, Set<String> withheld) throws IOException {
        StringBuilder expanded = new StringBuilder();
        int at = 0;
        for (int start = text.indexOf("${"); start >= 0; start = text.indexOf("${", at)) {
            int end = text.indexOf('}', start);
            if (end < 0) {
                throw new IOException("'" + text + "' has ${ without }");
            }
            if (start > at && text.charAt(start - 1) == '$') {
                expanded.append(text, at, start - 1).append(text, start, end + 1);
            } else {
                expanded.append(text, at, start)
                        .append(value(text, text.substring(start + 2, end), environment, withheld));
            }
            at = end + 1;
        }
        return expanded.append(text.substring(at)).toString();
    }

    private static String value(String text, String inside, Map<String, String> environment, Set<String> withheld)
            throws IOException {
        int otherwise = inside.indexOf(DEFAULT);
        String name = otherwise < 0 ? inside : inside.substring(0, otherwise);
        if (withheld.contains(name)) {
            throw new IOException("'" + text + "' would give all ranks of a node the " + name
                    + " of one; read it in the program, or run with --share none");
        }
        String set = environment.getOrDefault(name, "");
        if (otherwise >= 0) {
            return set.isEmpty() ? inside.substring(otherwise + DEFAULT.length()) : set;
        }
        if (!environment.containsKey(name)) {
            throw new IOException("'" + text + "' needs the variable " + name + ", which is not set; ${" + name
                    + ":-word} has a default");
        }
        return set;
    }
}
