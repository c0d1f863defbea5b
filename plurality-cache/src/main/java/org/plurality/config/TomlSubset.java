package org.plurality.config;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The part of TOML 1.0 that {@code plurality.toml} needs: {@code key = value} lines and comments; values are basic and literal strings,
 * whole numbers, booleans, and lists of strings, which may span lines. Everything else is refused with its line, never misread.
 *
 * <p>Of our own because a rank's launch waits for it: a full TOML library costs more than the rest of the plan.
 */
final class TomlSubset {
    private final String text;
    private int at;
    private int line = 1;

    private TomlSubset(String text) {
        this.text = text;
    }

    /**
     * @return each key with its values: one, or those of a list
     * @throws IOException naming the line that is not understood
     */
    static Map<String, List<String>> parse(String text) throws IOException {
        return new TomlSubset(text).parseAll();
    }

    /**
     * A document that also has an array of tables: each {@code [[name]]} begins one.
     *
     * @return what stands before the first table, then each table
     */
    static List<Map<String, List<String>>> parseTables(String text, String name) throws IOException {
        TomlSubset toml = new TomlSubset(text);
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

    /** As far as the next table. */
    private Map<String, List<String>> document() throws IOException {
        Map<String, List<String>> values = new LinkedHashMap<>();
        while (skipToStatement() && peek() != '[') {
            String key = key();
            skipBlanks();
            expect('=');
            skipBlanks();
            if (values.putIfAbsent(key, value()) != null) {
                throw failure("'" + key + "' is set twice");
            }
            skipBlanks();
            if (at < text.length() && peek() != '\n' && peek() != '#') {
                throw failure("text after the value of '" + key + "'");
            }
        }
        return values;
    }

    private String key() throws IOException {
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

    private char escape() throws IOException {
        char c = at < text.length() ? text.charAt(at++) : '\n';
        return switch (c) {
            case '"', '\\' -> c;
            case 't' -> '\t';
            case 'n' -> '\n';
            default -> throw failure("the escape \\" + c + " is not used here");
        };
    }

    /** A number or a boolean, without quotes. */
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

    /** Moves past blanks, line ends and comments; false at the end of the text. */
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
