package org.plurality.registries;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads TOML 1.0 into maps, lists, strings and booleans; numbers and dates stay text, for nothing here needs one. What is not TOML is refused with
 * its line. Pure.
 *
 * <p>Of our own because most machines with container tools have a {@code registries.conf}, and a library for it would be loaded by each pull.
 */
final class Toml {
    private static final int MAX_DEPTH = 16;

    private final String text;
    private int at;
    private int depth;

    private Toml(String text) {
        this.text = text;
    }

    static Map<String, Object> parse(String text) throws IOException {
        return new Toml(text.replace("\r\n", "\n")).document();
    }

    private Map<String, Object> document() throws IOException {
        Map<String, Object> root = new LinkedHashMap<>();
        Map<String, Object> table = root;
        while (skipToStatement()) {
            if (text.startsWith("[[", at)) {
                at += 2;
                List<String> path = keyPath();
                expect("]]");
                table = appended(root, path);
            } else if (peek() == '[') {
                at++;
                List<String> path = keyPath();
                expect("]");
                table = descend(root, path);
            } else {
                keyValue(table);
            }
            endOfLine();
        }
        return root;
    }

    private void keyValue(Map<String, Object> table) throws IOException {
        List<String> path = keyPath();
        expect("=");
        skipBlanks();
        Object value = value();
        Map<String, Object> parent = descend(table, path.subList(0, path.size() - 1));
        if (parent.putIfAbsent(path.getLast(), value) != null) {
            throw failure("'" + path.getLast() + "' is set twice");
        }
    }

    private Map<String, Object> descend(Map<String, Object> from, List<String> path) throws IOException {
        Map<String, Object> table = from;
        for (String key : path) {
            Object next = table.computeIfAbsent(key, _ -> new LinkedHashMap<String, Object>());
            if (next instanceof List<?> list && !list.isEmpty()) {
                next = list.getLast();
            }
            table = table(next, key);
        }
        return table;
    }

    private Map<String, Object> appended(Map<String, Object> root, List<String> path) throws IOException {
        Map<String, Object> parent = descend(root, path.subList(0, path.size() - 1));
        Object list = parent.computeIfAbsent(path.getLast(), _ -> new ArrayList<Object>());
        if (!(list instanceof List<?>)) {
            throw failure("'" + path.getLast() + "' is no list of tables");
        }
        @SuppressWarnings("unchecked") // Made above or by value(), which makes no other.
        List<Object> tables = (List<Object>) list;
        Map<String, Object> table = new LinkedHashMap<>();
        tables.add(table);
        return table;
    }

    @SuppressWarnings("unchecked") // Only this class makes maps.
    private Map<String, Object> table(Object value, String key) throws IOException {
        if (value instanceof Map<?, ?> map) {
            return (Map<String, Object>) map;
        }
        throw failure("'" + key + "' is no table");
    }

    private List<String> keyPath() throws IOException {
        List<String> path = new ArrayList<>();
        while (true) {
            skipBlanks();
            if (at < text.length() && (peek() == '"' || peek() == '\'')) {
                path.add(string());
            } else {
                int start = at;
                while (at < text.length() && (Character.isLetterOrDigit(peek()) || peek() == '_' || peek() == '-')) {
                    at++;
                }
                if (at == start) {
                    throw failure("a key was expected");
                }
                path.add(text.substring(start, at));
            }
            skipBlanks();
            if (at >= text.length() || peek() != '.') {
                return path;
            }
            at++;
        }
    }

    private Object value() throws IOException {
        if (at >= text.length()) {
            throw failure("a value was expected");
        }
        if (++depth > MAX_DEPTH) {
            throw failure("values are nested too deep");
        }
        Object value =
                switch (peek()) {
                    case '"', '\'' -> string();
                    case '[' -> list();
                    case '{' -> inlineTable();
                    default -> word();
                };
        depth--;
        return value;
    }

    private List<Object> list() throws IOException {
        List<Object> values = new ArrayList<>();
        at++;
        while (skipToStatement()) {
            if (peek() == ']') {
                at++;
                return values;
            }
            values.add(value());
            if (skipToStatement() && peek() == ',') {
                at++;
            } else if (at >= text.length() || peek() != ']') {
                throw failure("',' or ']' was expected");
            }
        }
        throw failure("the list is not closed");
    }

    private Map<String, Object> inlineTable() throws IOException {
        Map<String, Object> table = new LinkedHashMap<>();
        at++;
        skipBlanks();
        if (at < text.length() && peek() == '}') {
            at++;
            return table;
        }
        while (true) {
            keyValue(table);
            skipBlanks();
            char c = at < text.length() ? text.charAt(at++) : '\n';
            if (c == '}') {
                return table;
            }
            if (c != ',') {
                throw failure("',' or '}' was expected");
            }
        }
    }

    private Object word() throws IOException {
        int start = at;
        while (at < text.length() && "\n#,]} \t".indexOf(peek()) < 0) {
            at++;
        }
        String word = text.substring(start, at);
        if (word.equals("true") || word.equals("false")) {
            return Boolean.valueOf(word);
        }
        // A number or a date; its form is not checked, for nothing here needs one.
        if (word.isEmpty() || "+-0123456789in".indexOf(word.charAt(0)) < 0) {
            throw failure("'" + word + "' is no value; strings stand in quotes");
        }
        return word;
    }

    private String string() throws IOException {
        char quote = peek();
        String triple = String.valueOf(quote).repeat(3);
        boolean isLong = text.startsWith(triple, at);
        at += isLong ? 3 : 1;
        if (isLong && at < text.length() && peek() == '\n') {
            at++;
        }
        StringBuilder value = new StringBuilder();
        while (at < text.length()) {
            if (isLong && text.startsWith(triple, at) && !text.startsWith(triple + quote, at)) {
                at += 3;
                return value.toString();
            }
            char c = text.charAt(at++);
            if (!isLong && c == quote) {
                return value.toString();
            }
            if (!isLong && c == '\n') {
                break;
            }
            if (c == '\\' && quote == '"') {
                escape(value, isLong);
            } else {
                value.append(c);
            }
        }
        throw failure("a string is not closed");
    }

    private void escape(StringBuilder value, boolean isLong) throws IOException {
        char c = at < text.length() ? text.charAt(at++) : ' ';
        switch (c) {
            case 'b' -> value.append('\b');
            case 't' -> value.append('\t');
            case 'n' -> value.append('\n');
            case 'f' -> value.append('\f');
            case 'r' -> value.append('\r');
            case '"', '\\' -> value.append(c);
            case 'u', 'U' -> {
                int digits = c == 'u' ? 4 : 8;
                try {
                    value.appendCodePoint(Integer.parseInt(text.substring(at, at + digits), 16));
                } catch (RuntimeException e) {
                    throw new IOException(failure("an escape is no character").getMessage(), e);
                }
                at += digits;
            }
            default -> {
                at--;
                int start = at;
                while (isLong && at < text.length() && Character.isWhitespace(peek())) {
                    at++;
                }
                if (text.substring(start, at).indexOf('\n') < 0) {
                    throw failure("the escape \\" + c + " is not known");
                }
            }
        }
    }

    /** Moves past blanks, line ends and comments; false at the end of the text. */
    private boolean skipToStatement() {
        while (at < text.length()) {
            char c = peek();
            if (c == '#') {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else if (c == '\n' || c == ' ' || c == '\t') {
                at++;
            } else {
                return true;
            }
        }
        return false;
    }

    private void skipBlanks() {
        while (at < text.length() && (peek() == ' ' || peek() == '\t')) {
            at++;
        }
    }

    private void endOfLine() throws IOException {
        skipBlanks();
        if (at < text.length() && peek() != '\n' && peek() != '#') {
            throw failure("more text than one statement");
        }
    }

    private void expect(String token) throws IOException {
        if (!text.startsWith(token, at)) {
            throw failure("'" + token + "' was expected");
        }
        at += token.length();
    }

    private char peek() {
        return text.charAt(at);
    }

    private IOException failure(String why) {
        long line = 1
                + text.substring(0, Math.min(at, text.length()))
                        .chars()
                        .filter(c -> c == '\n')
                        .count();
        return new IOException("line " + line + ": " + why);
    }
}
