// SPDX-License-Identifier: Apache-2.0
package org.plurality.json;

/**
 * Writes one JSON document (RFC 8259) as text, indented for people or on one line for streams of lines.
 *
 * <p>Calls are in document order, as in Jackson's generator, and are not checked: a malformed document is a fault of
 * the code, which its tests reveal. This writer is our own because a rank waits while it runs: the first document
 * costs Jackson's generator 5 ms.
 */
public final class JsonWriter {
    private static final String HEX = "0123456789abcdef";

    private final StringBuilder text = new StringBuilder(1024);
    private final boolean indented;
    private int depth;

    /** Whether a value precedes on the same level. */
    private boolean follows;

    /** Whether a name was written whose value must follow. */
    private boolean named;

    /** @param indented whether to indent for people; otherwise everything is on one line */
    public JsonWriter(boolean indented) {
        this.indented = indented;
    }

    public void writeStartObject() {
        open('{');
    }

    public void writeEndObject() {
        close('}');
    }

    public void writeStartArray() {
        open('[');
    }

    public void writeEndArray() {
        close(']');
    }

    public void writeFieldName(String name) {
        separate();
        quote(name);
        text.append(indented ? " : " : ":");
        named = true;
    }

    public void writeObjectFieldStart(String name) {
        writeFieldName(name);
        writeStartObject();
    }

    public void writeArrayFieldStart(String name) {
        writeFieldName(name);
        writeStartArray();
    }

    public void writeStringField(String name, String value) {
        writeFieldName(name);
        writeString(value);
    }

    public void writeNumberField(String name, long value) {
        writeFieldName(name);
        separate();
        text.append(value);
    }

    public void writeBooleanField(String name, boolean value) {
        writeFieldName(name);
        separate();
        text.append(value);
    }

    public void writeString(String value) {
        separate();
        quote(value);
    }

    /** Writes a number, {@code true} or {@code false}, as JSON spells it. */
    void writeLiteral(String literal) {
        separate();
        text.append(literal);
    }

    /** Returns what was written so far. */
    @Override
    public String toString() {
        return text.toString();
    }

    private void open(char bracket) {
        separate();
        text.append(bracket);
        depth++;
        follows = false;
    }

    private void close(char bracket) {
        depth--;
        if (follows) {
            newLine();
        }
        text.append(bracket);
        follows = true;
    }

    private void separate() {
        if (named) {
            named = false;
        } else {
            if (follows) {
                text.append(',');
            }
            if (depth > 0) {
                newLine();
            }
        }
        follows = true;
    }

    private void newLine() {
        if (indented) {
            text.append('\n');
            for (int i = 0; i < depth; i++) {
                text.append("  ");
            }
        }
    }

    private void quote(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    // An unpaired surrogate has no UTF-8 form.
                    if (c < ' ' || c == 0x7f || (Character.isSurrogate(c) && !isPaired(value, i))) {
                        text.append("\\u")
                                .append(HEX.charAt(c >> 12))
                                .append(HEX.charAt((c >> 8) & 15))
                                .append(HEX.charAt((c >> 4) & 15))
                                .append(HEX.charAt(c & 15));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }

    private static boolean isPaired(String value, int i) {
        return Character.isHighSurrogate(value.charAt(i))
                ? i + 1 < value.length() && Character.isLowSurrogate(value.charAt(i + 1))
                : i > 0 && Character.isHighSurrogate(value.charAt(i - 1));
    }
}
