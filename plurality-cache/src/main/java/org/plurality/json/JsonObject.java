package org.plurality.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object in memory, with accessors that fail with the member's name.
 *
 * <p>Numbers that are asked for are whole ({@code long}). Members that a reader does not ask for are ignored, so that a later
 * writer may add some. At most {@value #MAX_BYTES} bytes and {@value #MAX_DEPTH} levels.
 */
public final class JsonObject {
    /** Largest document that is read. */
    public static final int MAX_BYTES = 16 << 20;

    /** Deepest nesting that is read. */
    public static final int MAX_DEPTH = 32;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxDocumentLength(MAX_BYTES)
                    .build())
            .build();

    private final Map<String, Object> members;

    private JsonObject(Map<String, Object> members) {
        this.members = members;
    }

    /** Writes the members of one object. */
    @FunctionalInterface
    public interface Members {
        void write(JsonGenerator json) throws IOException;
    }

    /** @throws IOException when the bytes are not exactly one JSON object within the bounds */
    public static JsonObject parse(byte[] document) throws IOException {
        try (JsonParser parser = FACTORY.createParser(document)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("not a JSON object");
            }
            Map<String, Object> members = readObject(parser);
            if (parser.nextToken() != null) {
                throw new IOException("text after the JSON object");
            }
            return new JsonObject(members);
        }
    }

    /** One object as UTF-8, ended by a newline, indented for people. */
    public static byte[] write(Members members) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
        try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            members.write(json);
            json.writeEndObject();
        }
        bytes.write('\n');
        return bytes.toByteArray();
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

    /** The object of that name, or an empty one. */
    public JsonObject object(String name) throws IOException {
        JsonObject object = typed(name, JsonObject.class, "an object");
        return object == null ? new JsonObject(Map.of()) : object;
    }

    /** The strings of that name, or none. */
    public List<String> strings(String name) throws IOException {
        return list(name, String.class, "strings");
    }

    /** The objects of that name, or none. */
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

    private static Map<String, Object> readObject(JsonParser parser) throws IOException {
        Map<String, Object> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            Object value = readValue(parser);
            if (value != null) {
                members.put(name, value);
            }
        }
        return members;
    }

    private static @Nullable Object readValue(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == null) {
            throw new IOException("the JSON text ends too early");
        }
        return switch (token) {
            case START_OBJECT -> new JsonObject(readObject(parser));
            case START_ARRAY -> readArray(parser);
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT -> parser.getLongValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT ->
                throw new IOException("unexpected JSON token " + token);
        };
    }

    private static List<Object> readArray(JsonParser parser) throws IOException {
        List<Object> values = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            Object value = readValue(parser);
            if (value != null) {
                values.add(value);
            }
        }
        return values;
    }
}
