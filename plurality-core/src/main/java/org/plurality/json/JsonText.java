// SPDX-License-Identifier: Apache-2.0
package org.plurality.json;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON (RFC 8259) strictly into plain values: {@code Map}, {@code List}, {@code String}, {@code Long}, {@code
 * Double}, {@code Boolean}. Null members and elements are left out. If two members have the same name, the later one
 * counts.
 *
 * <p>This reader is our own because a rank waits while it runs: the first document costs Jackson's parser 10 ms, for
 * tables of big numbers, and this one less than 1 ms.
 */
final class JsonText {
    private final String text;
    private int at;
    private int depth;
    private int values;

    private JsonText(String text) {
        this.text = text;
    }

    /** Returns the members of the one object in the bytes. */
    static Map<String, Object> readObject(byte[] document) throws IOException {
        if (document.length > JsonObject.MAX_BYTES) {
            throw new IOException("the JSON text is longer than " + JsonObject.MAX_BYTES + " bytes");
        }
        JsonText reader = new JsonText(decode(document));
        reader.skipBlanks();
        if (reader.peek() != '{') {
            throw new IOException("not a JSON object");
        }
        Map<String, Object> members = reader.members();
        reader.skipBlanks();
        if (reader.at < reader.text.length()) {
            throw new IOException("text after the JSON object");
        }
        return members;
    }

    private static String decode(byte[] document) throws IOException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(document))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IOException("the JSON text is not UTF-8", e);
        }
    }

    private Map<String, Object> members() throws IOException {
        enter();
        Map<String, Object> members = new LinkedHashMap<>();
        boolean first = true;
        skipBlanks();
        while (peek() != '}') {
            if (!first) {
                expect(',');
                skipBlanks();
            }
            first = false;
            String name = string();
            skipBlanks();
            expect(':');
            Object value = value();
            if (value == null) {
                members.remove(name);
            } else {
                members.put(name, value);
            }
            skipBlanks();
        }
        at++;
        depth--;
        return members;
    }

    private List<Object> elements() throws IOException {
        enter();
        List<Object> elements = new ArrayList<>();
        boolean first = true;
        skipBlanks();
        while (peek() != ']') {
            if (!first) {
                expect(',');
            }
            first = false;
            Object value = value();
            if (value != null) {
                elements.add(value);
            }
            skipBlanks();
        }
        at++;
        depth--;
        return elements;
    }

    private void enter() throws IOException {
        at++;
        if (++depth > JsonObject.MAX_DEPTH) {
            throw failure("it is nested deeper than " + JsonObject.MAX_DEPTH + " levels");
        }
    }

    private @Nullable Object value() throws IOException {
        if (++values > JsonObject.MAX_VALUES) {
            throw failure("it has more than " + JsonObject.MAX_VALUES + " values");
        }
        skipBlanks();
        char c = peek();
        return switch (c) {
            case '{' -> new JsonObject(members());
            case '[' -> elements();
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private @Nullable Object word(String word, @Nullable Object value) throws IOException {
        if (!text.startsWith(word, at)) {
            throw failure("a value was expected");
        }
        at += word.length();
        return value;
    }

    private Object number() throws IOException {
        int start = at;
        if (at < text.length() && text.charAt(at) == '-') {
            at++;
        }
        int digits = digits();
        boolean zeroInFront = digits > 1 && text.charAt(at - digits) == '0';
        boolean whole = true;
        if (at < text.length() && text.charAt(at) == '.') {
            whole = false;
            at++;
            digits = Math.min(digits, digits());
        }
        if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
            whole = false;
            at++;
            if (at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
                at++;
            }
            digits = Math.min(digits, digits());
        }
        if (digits == 0 || zeroInFront || at - start > 64) {
            throw failure("a value was expected");
        }
        try {
            return whole ? (Object) Long.valueOf(text.substring(start, at)) : Double.valueOf(text.substring(start, at));
        } catch (NumberFormatException _) {
            // The cause is left out, because its message quotes the text.
            throw failure("a number that is too large");
        }
    }

    private int digits() {
        int start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        return at - start;
    }

    private String string() throws IOException {
        expect('"');
        int start = at;
        int end = start;
        while (end < text.length() && text.charAt(end) != '"' && text.charAt(end) != '\\' && text.charAt(end) >= ' ') {
            end++;
        }
        if (end < text.length() && text.charAt(end) == '"') {
            at = end + 1;
            return text.substring(start, end);
        }
        StringBuilder value = new StringBuilder();
        while (true) {
            char c = peek();
            at++;
            if (c == '"') {
                return value.toString();
            }
            if (c < ' ') {
                throw failure("a control character in a string");
            }
            value.append(c == '\\' ? escape() : c);
        }
    }

    private char escape() throws IOException {
        char c = peek();
        at++;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unicode();
            default -> throw failure("an escape that there is not");
        };
    }

    private char unicode() throws IOException {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int digit = Character.digit(peek(), 16);
            if (digit < 0 || peek() > 'f') {
                throw failure("the escape \\u needs four hexadecimal digits");
            }
            value = value * 16 + digit;
            at++;
        }
        return (char) value;
    }

    private void skipBlanks() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
                return;
            }
            at++;
        }
    }

    private char peek() throws IOException {
        if (at >= text.length()) {
            throw new IOException("the JSON text ends too early");
        }
        return text.charAt(at);
    }

    private void expect(char c) throws IOException {
        if (peek() != c) {
            throw failure("'" + c + "' was expected");
        }
        at++;
    }

    private IOException failure(String why) {
        int line = 1;
        int start = 0;
        for (int end = text.indexOf('\n'); end >= 0 && end < at; end = text.indexOf('\n', start)) {
            line++;
            start = end + 1;
        }
        return new IOException("line " + line + ", column " + (at - start + 1) + ": " + why);
    }
}
