// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.conf;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.toml.TomlFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** TOML 1.0 as maps, lists, strings, booleans and numbers; dates are text. Pure. */
final class Toml {
    private Toml() {}

    /** @throws IOException with the line, when the text is not TOML */
    static Map<String, Object> parse(String text) throws IOException {
        Map<String, Object> aliases = PlainToml.parse(text);
        return aliases != null ? aliases : parseAll(text);
    }

    /** By the library, whatever is in it. */
    static Map<String, Object> parseAll(String text) throws IOException {
        // Not by an ObjectMapper: to make one takes a pull 25 ms, before it asks a registry.
        try (JsonParser parser = new TomlFactory().createParser(text)) {
            parser.nextToken();
            return table(parser);
        } catch (JsonProcessingException e) {
            String line =
                    e.getLocation() == null ? "" : "line " + e.getLocation().getLineNr() + ": ";
            throw new IOException(line + e.getOriginalMessage(), e);
        }
    }

    private static Map<String, Object> table(JsonParser parser) throws IOException {
        Map<String, Object> table = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            parser.nextToken();
            table.put(key, value(parser));
        }
        return table;
    }

    private static List<Object> array(JsonParser parser) throws IOException {
        List<Object> array = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            array.add(value(parser));
        }
        return array;
    }

    private static Object value(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> table(parser);
            case START_ARRAY -> array(parser);
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
            default -> parser.getText();
        };
    }
}
