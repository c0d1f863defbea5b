// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.shell;

import java.util.ArrayList;
import java.util.List;

/**
 * Takes a shell script apart into words and operators. Comments, lines that are joined by a backslash, and the texts
 * of here-documents are left out. A quote or bracket without its end lasts to the end of the script.
 */
public final class ShellLexer {
    private static final String OPERATORS = ";&|()<>";
    private static final String BLANKS = " \t\r";

    /** Quotations and expansions in one another. Anything deeper lasts to the end of the script. */
    private static final int MOST_NESTED = 32;

    private final String script;
    private final List<Token> tokens = new ArrayList<>();
    private final List<String> hereDocuments = new ArrayList<>();
    private int at;

    private ShellLexer(String script) {
        this.script = script;
    }

    static List<Token> tokens(String script) {
        ShellLexer lexer = new ShellLexer(script);
        lexer.run();
        return lexer.tokens;
    }

    /** The words of one simple command, still quoted; no word behind an operator. */
    public static List<String> words(String command) {
        List<String> words = new ArrayList<>();
        for (Token token : tokens(command)) {
            if (token.isOperator()) {
                break;
            }
            words.add(token.text());
        }
        return words;
    }

    private void run() {
        while (at < script.length()) {
            char c = script.charAt(at);
            if (BLANKS.indexOf(c) >= 0) {
                at++;
            } else if (script.startsWith("\\\n", at)) {
                at += 2;
            } else if (c == '#') {
                at = endOfLine(at);
            } else if (c == '\n') {
                tokens.add(new Token(Token.NEW_LINE, true));
                at++;
                skipHereDocuments();
            } else if (OPERATORS.indexOf(c) >= 0) {
                operator();
            } else {
                tokens.add(new Token(word(), false));
            }
        }
    }

    private int endOfLine(int from) {
        int end = script.indexOf('\n', from);
        return end < 0 ? script.length() : end;
    }

    private void operator() {
        int start = at++;
        while (at < script.length() && at - start < 3 && isOperator(script.substring(start, at + 1))) {
            at++;
        }
        String text = script.substring(start, at);
        if (text.startsWith("<<") && !text.equals("<<<")) {
            while (at < script.length() && BLANKS.indexOf(script.charAt(at)) >= 0) {
                at++;
            }
            hereDocuments.add(word().replaceAll("['\"\\\\]", ""));
            return;
        }
        tokens.add(new Token(text, true));
    }

    private static boolean isOperator(String text) {
        return switch (text) {
            case "&&", "||", ";;", "<<", "<<-", "<<<", ">>", "<&", ">&", "<>", ">|" -> true;
            default -> false;
        };
    }

    private void skipHereDocuments() {
        for (String end : hereDocuments) {
            boolean ended = false;
            while (at < script.length() && !ended) {
                int line = endOfLine(at);
                ended = script.substring(at, line).strip().equals(end);
                at = Math.min(script.length(), line + 1);
            }
        }
        hereDocuments.clear();
    }

    private String word() {
        StringBuilder word = new StringBuilder();
        while (at < script.length()) {
            char c = script.charAt(at);
            if (c == '\n' || BLANKS.indexOf(c) >= 0 || OPERATORS.indexOf(c) >= 0) {
                break;
            }
            if (script.startsWith("\\\n", at)) {
                at += 2;
                continue;
            }
            int end = end(script, at, 0);
            word.append(script, at, end);
            at = end;
        }
        return word.toString();
    }

    /**
     * The place behind what begins there: a character, or all of a quotation or an expansion, with those that are in
     * it.
     */
    static int end(String text, int from) {
        return end(text, from, 0);
    }

    private static int end(String text, int from, int depth) {
        return switch (text.charAt(from)) {
            case '\\' -> Math.min(text.length(), from + 2);
            case '\'' -> behind(text, '\'', from + 1);
            case '"' -> closed(text, from + 1, '"', depth);
            case '`' -> closed(text, from + 1, '`', depth);
            case '$' -> expansion(text, from, depth);
            default -> from + 1;
        };
    }

    private static int expansion(String text, int dollar, int depth) {
        if (text.startsWith("${", dollar)) {
            return closed(text, dollar + 2, '}', depth);
        }
        if (text.startsWith("$(", dollar)) {
            return closed(text, dollar + 2, ')', depth);
        }
        if (text.startsWith("$'", dollar)) {
            int at = dollar + 2;
            while (at < text.length() && text.charAt(at) != '\'') {
                at += text.charAt(at) == '\\' ? 2 : 1;
            }
            return Math.min(text.length(), at + 1);
        }
        return dollar + 1;
    }

    /**
     * The place behind a closing character, past quotations, expansions and, for a bracket, pairs of brackets in
     * between.
     */
    private static int closed(String text, int from, char close, int depth) {
        if (depth > MOST_NESTED) {
            return text.length();
        }
        int at = from;
        while (at < text.length() && text.charAt(at) != close) {
            char c = text.charAt(at);
            boolean isPlain = c == '\'' && close == '"';
            if (close == ')' && c == '(') {
                at = closed(text, at + 1, ')', depth + 1);
            } else {
                at = isPlain ? at + 1 : end(text, at, depth + 1);
            }
        }
        return Math.min(text.length(), at + 1);
    }

    private static int behind(String text, char close, int from) {
        int end = text.indexOf(close, from);
        return end < 0 ? text.length() : end + 1;
    }
}
