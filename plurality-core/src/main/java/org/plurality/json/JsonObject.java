// SPDX-License-Identifier: Apache-2.0
package org.plurality.json;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object in memory. The accessors' errors contain the member's name.
 *
 * <p>Numbers are whole ({@code long}). Members that a reader does not ask for are ignored, so that later writers may
 * add some. At most {@value #MAX_BYTES} bytes, {@value #MAX_DEPTH} levels and {@value #MAX_VALUES} values are read: an
 * empty object takes thirty times its text in memory. No error quotes the text, which may contain a secret.
 */
public final class JsonObject {
    /** The largest document that is read. */
    public static final int MAX_BYTES = 16 << 20;

    /** The deepest nesting that is read. */
    public static final int MAX_DEPTH = 32;

    /** The largest number of members and list elements that is read, all levels together. */
    public static final int MAX_VALUES = 200_000;

    private final Map<String, Object> members;

    JsonObject(Map<String, Object> members) {
        this.members = members;
    }

    /** @throws IOException if the bytes are not exactly one JSON list of objects within the bounds */
    public static List<JsonObject> parseList(byte[] document) throws IOException {
        byte[] head = "{\"list\":".getBytes(StandardCharsets.UTF_8);
        byte[] whole = Arrays.copyOf(head, head.length + document.length + 1);
        System.arraycopy(document, 0, whole, head.length, document.length);
        whole[whole.length - 1] = '}';
        JsonObject object = parse(whole);
        if (object.members.size() != 1 || !object.has("list")) {
            throw new IOException("not a JSON list");
        }
        return object.objects("list");
    }

    /** Writes the members of one object. */
    @FunctionalInterface
    public interface Members {
        void write(JsonWriter json) throws IOException;
    }

    /** @throws IOException if the bytes are not exactly one JSON object within the bounds */
    public static JsonObject parse(byte[] document) throws IOException {
        return new JsonObject(JsonText.readObject(document));
    }

    /**
     * Converts the result of another format's reader: maps with strings as keys, lists, strings, whole numbers and
     * booleans. Other numbers become strings, and null members are left out.
     *
     * @throws IOException if there is any other value, or the nesting is too deep
     */
    public static JsonObject of(Map<?, ?> members) throws IOException {
        return of(members, 0);
    }

    private static JsonObject of(Map<?, ?> members, int depth) throws IOException {
        Map<String, Object> copy = new LinkedHashMap<>();
        for (Map.Entry<?, ?> member : members.entrySet()) {
            if (!(member.getKey() instanceof String name)) {
                throw new IOException("a member's name is not a string");
            }
            Object value = member.getValue();
            if (value != null) {
                copy.put(name, value(value, depth + 1));
            }
        }
        return new JsonObject(copy);
    }

    private static Object value(@Nullable Object value, int depth) throws IOException {
        if (value == null || depth > MAX_DEPTH) {
            throw new IOException("it has an empty element, or is nested too deeply");
        }
        if (value instanceof Map<?, ?> members) {
            return of(members, depth);
        }
        if (value instanceof List<?> elements) {
            List<Object> copy = new ArrayList<>();
            for (Object element : elements) {
                copy.add(value(element, depth + 1));
            }
            return copy;
        }
        if (value instanceof Integer || value instanceof Long) {
            return ((Number) value).longValue();
        }
        return value instanceof Boolean ? value : value.toString();
    }

    /** Returns one object as indented UTF-8 that ends with a newline. */
    public static byte[] write(Members members) throws IOException {
        return (text(members, true) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Returns one object on one line, for streams of lines, without the newline. */
    public static String line(Members members) throws IOException {
        return text(members, false);
    }

    private static String text(Members members, boolean indented) throws IOException {
        JsonWriter json = new JsonWriter(indented);
        json.writeStartObject();
        members.write(json);
        json.writeEndObject();
        return json.toString();
    }

    /** Returns a copy without a member. */
    public JsonObject without(String name) {
        Map<String, Object> changed = new LinkedHashMap<>(members);
        changed.remove(name);
        return new JsonObject(changed);
    }

    /** Returns the object as indented UTF-8 that ends with a newline. Unknown members are kept, except null. */
    public byte[] toBytes() {
        JsonWriter json = new JsonWriter(true);
        writeValue(json, this);
        return (json + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Returns the members' names, in the order of the text. */
    public Set<String> names() {
        return Collections.unmodifiableSet(members.keySet());
    }

    /** Writes all members into the object that is open, in their order; numbers and nested values as they were read. */
    public void writeMembers(JsonWriter json) {
        for (Map.Entry<String, Object> member : members.entrySet()) {
            json.writeFieldName(member.getKey());
            writeValue(json, member.getValue());
        }
    }

    /**
     * Returns a copy with one member set, in its old position if there was one.
     *
     * @param value a String, Boolean, Long, Double, JsonObject, or a List of these
     */
    public JsonObject with(String name, Object value) {
        Map<String, Object> changed = new LinkedHashMap<>(members);
        changed.put(name, value);
        return new JsonObject(changed);
    }

    /** Returns an object without members. */
    public static JsonObject empty() {
        return new JsonObject(Map.of());
    }

    private static void writeValue(JsonWriter json, Object value) {
        if (value instanceof JsonObject object) {
            json.writeStartObject();
            object.writeMembers(json);
            json.writeEndObject();
        } else if (value instanceof List<?> elements) {
            json.writeStartArray();
            for (Object element : elements) {
                writeValue(json, element);
            }
            json.writeEndArray();
        } else if (value instanceof String text) {
            json.writeString(text);
        } else {
            json.writeLiteral(value.toString());
        }
    }

    public boolean has(String name) {
        return members.containsKey(name);
    }

    public String string(String name) throws IOException {
        return required(name, optionalString(name));
    }

    public @Nullable String optionalString(String name) throws IOException {
        return typed(name, String.class, "a string");
    }

    public long number(String name) throws IOException {
        return required(name, typed(name, Long.class, "a whole number"));
    }

    public boolean flag(String name) throws IOException {
        return Boolean.TRUE.equals(typed(name, Boolean.class, "true or false"));
    }

    /** Returns the object of that name, or an empty one. */
    public JsonObject object(String name) throws IOException {
        JsonObject object = typed(name, JsonObject.class, "an object");
        return object == null ? new JsonObject(Map.of()) : object;
    }

    /** Returns the strings of that name; empty if there are none. */
    public List<String> strings(String name) throws IOException {
        return list(name, String.class, "strings");
    }

    /** Returns the objects of that name; empty if there are none. */
    public List<JsonObject> objects(String name) throws IOException {
        return list(name, JsonObject.class, "objects");
    }

    private <T> List<T> list(String name, Class<T> type, String what) throws IOException {
        List<?> values = typed(name, List.class, "a list");
        if (values == null) {
            return List.of();
        }
        List<T> typed = new ArrayList<>(values.size());
        for (Object value : values) {
            if (!type.isInstance(value)) {
                throw new IOException("\"" + name + "\" is not a list of " + what);
            }
            typed.add(type.cast(value));
        }
        return typed;
    }

    private <T> @Nullable T typed(String name, Class<T> type, String what) throws IOException {
        Object value = members.get(name);
        if (value == null) {
            return null;
        }
        if (!type.isInstance(value)) {
            throw new IOException("\"" + name + "\" is not " + what);
        }
        return type.cast(value);
    }

    private static <T> T required(String name, @Nullable T value) throws IOException {
        if (value == null) {
            throw new IOException("\"" + name + "\" is missing");
        }
        return value;
    }
}
