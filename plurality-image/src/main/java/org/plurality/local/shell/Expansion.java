// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.shell;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Makes of a word what a shell would: quotes removed, variables put in. A variable that is not set is empty. What only
 * a running shell knows, such as the output of a command, is {@link Unknowable}.
 */
final class Expansion {
    private static final int MOST_CHARACTERS = 128 << 10;
    private static final int MOST_NESTED = 16;

    private final Map<String, String> variables;
    private final Map<String, String> unknown;
    private final Map<String, String> defaults;
    private final Set<String> empty = new TreeSet<>();
    private int depth;

    /** Why a word has no value here. */
    static final class Unknowable extends Exception {
        private static final long serialVersionUID = 1;

        Unknowable(String why) {
            super(why, null, false, false);
        }

        /** The reason, as the end of a sentence whose subject is the value. */
        String why() {
            return String.valueOf(getMessage());
        }
    }

    /**
     * @param variables those that are set; {@code ${NAME:=word}} adds to them
     * @param unknown those whose values are not known
     * @param defaults values of those that are not set, where nothing else is said for that case
     */
    Expansion(Map<String, String> variables, Map<String, String> unknown, Map<String, String> defaults) {
        this.defaults = defaults;
        this.variables = variables;
        this.unknown = unknown;
    }

    /** The variables that were not set and that an empty text was put in for. */
    Set<String> empty() {
        return empty;
    }

    String of(String word) throws Unknowable {
        return expand(word, false);
    }

    private String expand(String text, boolean isQuoted) throws Unknowable {
        if (++depth > MOST_NESTED) {
            throw new Unknowable("is nested too deeply");
        }
        StringBuilder value = new StringBuilder();
        for (int at = 0; at < text.length(); ) {
            int end = ShellLexer.end(text, at);
            char c = text.charAt(at);
            if (c == '\'' && !isQuoted) {
                value.append(text, at + 1, inner(text, end, '\''));
            } else if (c == '"') {
                value.append(expand(text.substring(at + 1, inner(text, end, '"')), true));
            } else if (c == '\\') {
                String escaped = text.substring(at + 1, end);
                boolean isPlain = isQuoted && (escaped.isEmpty() || "\"$`\\\n".indexOf(escaped.charAt(0)) < 0);
                value.append(isPlain ? "\\" : "").append(escaped);
            } else if (c == '`' || text.startsWith("$(", at)) {
                throw new Unknowable("is the output of a command");
            } else if (c == '$') {
                end = dollar(text, at, isQuoted, value);
            } else {
                // In double quotes a single one is a character like others.
                value.append(c);
                end = at + 1;
            }
            at = end;
            if (value.length() > MOST_CHARACTERS) {
                throw new Unknowable("has more than " + MOST_CHARACTERS + " characters");
            }
        }
        depth--;
        return value.toString();
    }

    /** The place of a closing quote; the end of the text where there is none. */
    private static int inner(String text, int end, char quote) {
        return text.charAt(end - 1) == quote ? end - 1 : end;
    }

    private int dollar(String text, int at, boolean isQuoted, StringBuilder value) throws Unknowable {
        if (text.startsWith("$'", at) && !isQuoted) {
            int end = ShellLexer.end(text, at);
            value.append(AnsiQuote.text(text.substring(at + 2, inner(text, end, '\''))));
            return end;
        }
        if (text.startsWith("${", at)) {
            int end = ShellLexer.end(text, at);
            value.append(braces(text.substring(at + 2, inner(text, end, '}')), isQuoted));
            return end;
        }
        int end = nameEnd(text, at + 1);
        if (end > at + 1) {
            value.append(variable(text.substring(at + 1, end)));
            return end;
        }
        char special = at + 1 < text.length() ? text.charAt(at + 1) : 0;
        if (Character.isDigit(special) || special == '@' || special == '*') {
            // A script that is read for its variables has no arguments.
            return at + 2;
        }
        if (special != 0 && "#?$!-".indexOf(special) >= 0) {
            throw new Unknowable("is known to a running shell only ($" + special + ")");
        }
        value.append('$');
        return at + 1;
    }

    private String braces(String inside, boolean isQuoted) throws Unknowable {
        int end = nameEnd(inside, 0);
        String name = inside.substring(0, end);
        String rest = inside.substring(end);
        if (name.isEmpty()) {
            throw new Unknowable("has ${" + inside + "}, which is not read here");
        }
        if (rest.isEmpty()) {
            return variable(name);
        }
        boolean countsEmpty = rest.startsWith(":");
        char operator = rest.length() > (countsEmpty ? 1 : 0) ? rest.charAt(countsEmpty ? 1 : 0) : 0;
        if ("-=+?".indexOf(operator) < 0 || operator == 0) {
            throw new Unknowable("has ${" + inside + "}, which is not read here");
        }
        if (unknown.containsKey(name)) {
            throw new Unknowable("depends on " + name + ", which is not known");
        }
        String word = rest.substring(countsEmpty ? 2 : 1);
        String known = variables.get(name);
        String set = known == null || (countsEmpty && known.isEmpty()) ? null : known;
        return switch (operator) {
            case '+' -> set == null ? "" : expand(word, isQuoted);
            case '?' -> set == null ? "" : set;
            default -> {
                if (set != null) {
                    yield set;
                }
                String value = expand(word, isQuoted);
                if (operator == '=') {
                    variables.put(name, value);
                }
                yield value;
            }
        };
    }

    private String variable(String name) throws Unknowable {
        if (unknown.containsKey(name)) {
            throw new Unknowable("depends on " + name + ", which is not known");
        }
        String known = variables.getOrDefault(name, defaults.get(name));
        if (known == null) {
            empty.add(name);
            return "";
        }
        return known;
    }

    static int nameEnd(String text, int from) {
        int end = from;
        while (end < text.length()
                && (text.charAt(end) == '_'
                        || (text.charAt(end) < 128 && Character.isLetter(text.charAt(end)))
                        || (end > from && text.charAt(end) < 128 && Character.isDigit(text.charAt(end))))) {
            end++;
        }
        return end;
    }
}
