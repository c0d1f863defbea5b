package org.plurality.registries;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.IOException;
import java.util.Map;

/** TOML 1.0 as maps, lists, strings, booleans and numbers; dates are text. Pure. */
final class Toml {
    private static final TypeReference<Map<String, Object>> DOCUMENT = new TypeReference<>() {};

    private Toml() {}

    /** @throws IOException with the line, when the text is not TOML */
    static Map<String, Object> parse(String text) throws IOException {
        try {
            return new TomlMapper().readValue(text, DOCUMENT);
        } catch (JsonProcessingException e) {
            String line =
                    e.getLocation() == null ? "" : "line " + e.getLocation().getLineNr() + ": ";
            throw new IOException(line + e.getOriginalMessage(), e);
        }
    }
}
