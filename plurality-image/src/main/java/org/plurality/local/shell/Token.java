// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.shell;

/**
 * A word of a script, with its quotes, or an operator.
 *
 * @param isOperator whether it is one of {@code ; & | && || ( ) < >} and their likes, or the end of a line
 */
record Token(String text, boolean isOperator) {
    static final String NEW_LINE = "\n";

    boolean is(String operator) {
        return isOperator && text.equals(operator);
    }

    /** Whether a command ends at it. */
    boolean separates() {
        return isOperator
                && switch (text) {
                    case NEW_LINE, ";", ";;", "&", "&&", "||", "|", "(", ")" -> true;
                    default -> false;
                };
    }

    /** Whether the word behind it is a file or a descriptor, and none of the command's. */
    boolean redirects() {
        return isOperator && (text.startsWith("<") || text.startsWith(">"));
    }
}
