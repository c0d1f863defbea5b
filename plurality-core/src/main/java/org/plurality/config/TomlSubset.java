// SPDX-License-Identifier: Apache-2.0
package org.plurality.config;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The part of TOML 1.0 that {@code plurality.toml} needs: {@code key = value} lines and comments. Values are basic and
 * literal strings, whole numbers, booleans, and lists of strings, which may span lines. Environment definition files
 * have tables too: {@link #parseTables}. Everything else is refused, and the error names the line; nothing is misread.
 *
 * <p>This reader is our own because a rank waits while it runs: a full TOML library costs more than the rest of the
 * plan.
 */
public final class TomlSubset {
    private final String text;
    private final boolean withTables;
    private int at;
    private int line = 1;

    private TomlSubset(String text, boolean withTables) {
        this.text = text;
        this.withTables = withTables;
    }

    /**
     * @return each key with its values: one value, or those of a list
     * @throws IOException naming the line that is not valid
     */
    public static Map<String, List<String>> parse(String text) throws IOException {
        return new TomlSubset(text, false).parseAll();
    }

    /**
     * Parses a document that may have tables, dotted and quoted keys, strings of several lines and inline tables.
     * Names of tables and keys are joined by dots.
     *
     * @throws IOException naming the line that is not valid
     */
    public static Map<String, List<String>> parseTables(String text) throws IOException {
        return new TomlSubset(text, true).parseAll();
    }

    /**
     * Parses a document that also has an array of tables: each {@code [[name]]} begins one.
     *
     * @return the keys before the first table, then each table
     */
    static List<Map<String, List<String>>> parseTables(String text, String name) throws IOException {
        TomlSubset toml = new TomlSubset(text, false);
        List<Map<String, List<String>>> tables = new ArrayList<>();
        tables.add(toml.document());
        while (toml.at < text.length()) {
            toml.header(name);
            tables.add(toml.document());
        }
        return tables;
    }

    private void header(String name) throws IOException {
        String header = "[[" + name + "]]";
        if (!text.startsWith(header, at)) {
            throw failure("tables are written " + header + " here");
        }
        at += header.length();
        skipBlanks();
        if (at < text.length() && peek() != '\n' && peek() != '#') {
            throw failure("text after " + header);
        }
    }

    private Map<String, List<String>> parseAll() throws IOException {
        Map<String, List<String>> values = document();
        if (at < text.length()) {
            throw failure("tables are not used here; write 'key = value'");
        }
        return values;
    }

    /** Parses up to the next table. */
    private Map<String, List<String>> document() throws IOException {
        Map<String, List<String>> values = new LinkedHashMap<>();
        String table = "";
        while (skipToStatement() && (withTables || peek() != '[')) {
            if (peek() == '[') {
                at++;
                skipBlanks();
                table = key() + ".";
                skipBlanks();
                expect(']');
                endOfStatement(table);
                continue;
            }
            String key = table + key();
            skipBlanks();
            expect('=');
            skipBlanks();
            assign(values, key);
            endOfStatement(key);
        }
        return values;
    }

    private void endOfStatement(String key) throws IOException {
        skipBlanks();
        if (at < text.length() && peek() != '\n' && peek() != '#') {
            throw failure("text after the value of '" + key + "'");
        }
    }

    private void assign(Map<String, List<String>> values, String key) throws IOException {
        if (withTables && at < text.length() && peek() == '{') {
            inlineTable(values, key);
        } else if (values.putIfAbsent(key, value()) != null) {
            throw failure("'" + key + "' is set twice");
        }
    }

    /** Parses {@code { key = value, ... }} on one line. */
    private void inlineTable(Map<String, List<String>> values, String name) throws IOException {
        expect('{');
        skipBlanks();
        while (at < text.length() && peek() != '}') {
            String key = name + "." + key();
            skipBlanks();
            expect('=');
            skipBlanks();
            assign(values, key);
            skipBlanks();
            if (at < text.length() && peek() == ',') {
                at++;
                skipBlanks();
            } else if (at < text.length() && peek() != '}') {
                throw failure("',' or '}' was expected");
            }
        }
        expect('}');
    }

    private String key() throws IOException {
        StringBuilder key = new StringBuilder(simpleKey());
        while (withTables && at < text.length() && peek() == '.') {
            at++;
            key.append('.').append(simpleKey());
        }
        return key.toString();
    }

    private String simpleKey() throws IOException {
        if (withTables && at < text.length() && (peek() == '"' || peek() == '\'')) {
            return string();
        }
        int start = at;
        while (at < text.length() && isBareKey(peek())) {
            at++;
        }
        if (at == start) {
            throw failure("a key was expected");
        }
        return text.substring(start, at);
    }

    private List<String> value() throws IOException {
        if (at >= text.length()) {
            throw failure("a value was expected");
        }
        return switch (peek()) {
            case '"', '\'' -> List.of(string());
            case '[' -> list();
            default -> List.of(word());
        };
    }

    private List<String> list() throws IOException {
        List<String> values = new ArrayList<>();
        expect('[');
        while (skipToStatement()) {
            if (peek() == ']') {
                at++;
                return values;
            }
            values.add(string());
            if (skipToStatement() && peek() == ',') {
                at++;
            } else if (at < text.length() && peek() != ']') {
                throw failure("',' or ']' was expected");
            }
        }
        throw failure("the list is not closed");
    }

    private String string() throws IOException {
        char quote = peek();
        if (quote != '"' && quote != '\'') {
            throw failure("a string in quotes was expected");
        }
        if (text.startsWith(String.valueOf(quote).repeat(3), at)) {
            if (withTables) {
                return severalLines(quote);
            }
            throw failure("strings of several lines are not used here");
        }
        at++;
        StringBuilder value = new StringBuilder();
        while (at < text.length() && peek() != '\n') {
            char c = text.charAt(at++);
            if (c == quote) {
                return value.toString();
            }
            value.append(c == '\\' && quote == '"' ? escape() : c);
        }
        throw failure("the string is not closed");
    }

    /** Parses a string between three quotes; a newline directly after the opening quotes is not part of it. */
    private String severalLines(char quote) throws IOException {
        String quotes = String.valueOf(quote).repeat(3);
        at += quotes.length();
        if (text.startsWith("\r\n", at)) {
            at++;
        }
        if (at < text.length() && peek() == '\n') {
            at++;
            line++;
        }
        StringBuilder value = new StringBuilder();
        while (at < text.length()) {
            if (text.startsWith(quotes, at)) {
                at += quotes.length();
                return value.toString();
            }
            char c = text.charAt(at++);
            line += c == '\n' ? 1 : 0;
            if (c == '\\' && quote == '"' && at < text.length() && (peek() == '\n' || peek() == '\r')) {
                skipToText();
            } else {
                value.append(c == '\\' && quote == '"' ? escape() : c);
            }
        }
        throw failure("the string is not closed");
    }

    /** Skips the newline after a backslash at the end of a line, and the leading blanks of the lines that follow. */
    private void skipToText() {
        while (at < text.length() && (peek() == ' ' || peek() == '\t' || peek() == '\r' || peek() == '\n')) {
            line += peek() == '\n' ? 1 : 0;
            at++;
        }
    }

    private char escape() throws IOException {
        char c = at < text.length() ? text.charAt(at++) : '\n';
        return switch (c) {
            case '"', '\\' -> c;
            case 't' -> '\t';
            case 'n' -> '\n';
            default -> throw failure("the escape \\" + c + " is not used here");
        };
    }

    /** Reads a number or a boolean, without quotes. */
    private String word() throws IOException {
        int start = at;
        while (at < text.length() && (Character.isLetterOrDigit(peek()) || peek() == '_' || peek() == '-')) {
            at++;
        }
        String word = text.substring(start, at);
        if (word.equals("true") || word.equals("false")) {
            return word;
        }
        if (!isWholeNumber(word)) {
            throw failure("'" + word + "' is not a string in quotes, a whole number, true or false");
        }
        return word.replace("_", "");
    }

    /** Skips blanks, newlines and comments; returns false at the end of the text. */
    private boolean skipToStatement() {
        while (at < text.length()) {
            char c = peek();
            if (c == '#') {
                while (at < text.length() && peek() != '\n') {
                    at++;
                }
            } else if (c == '\n') {
                line++;
                at++;
            } else if (c == ' ' || c == '\t' || c == '\r') {
                at++;
            } else {
                return true;
            }
        }
        return false;
    }

    private void skipBlanks() {
        while (at < text.length() && (peek() == ' ' || peek() == '\t' || peek() == '\r')) {
            at++;
        }
    }

    private void expect(char c) throws IOException {
        if (at >= text.length() || peek() != c) {
            throw failure("'" + c + "' was expected");
        }
        at++;
    }

    private char peek() {
        return text.charAt(at);
    }

    private IOException failure(String why) {
        return new IOException("line " + line + ": " + why);
    }

    private static boolean isWholeNumber(String word) {
        int start = word.startsWith("-") ? 1 : 0;
        if (start == word.length() || word.charAt(start) == '_') {
            return false;
        }
        for (int i = start; i < word.length(); i++) {
            char c = word.charAt(i);
            if ((c < '0' || c > '9') && c != '_') {
                return false;
            }
        }
        return true;
    }

    private static boolean isBareKey(char c) {
        return c == '_' || c == '-' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }
}
