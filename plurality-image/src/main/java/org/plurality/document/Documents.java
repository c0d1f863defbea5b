// SPDX-License-Identifier: Apache-2.0
package org.plurality.document;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON of other programs into records.
 *
 * <p>A name that an object has twice is refused, because programs differ in which of the two counts. A value of another
 * type than the record's is refused, never converted. A text has at most {@value #MAX_CHARS} characters, {@value
 * #MAX_DEPTH} levels and {@value #MAX_TOKENS} tokens, so that what is read here can be read by {@code
 * org.plurality.json}, too. No error quotes a value, which may be a secret.
 */
public final class Documents {
    static final int MAX_CHARS = 16 << 20;
    static final int MAX_DEPTH = 32;
    static final int MAX_TOKENS = 200_000;

    /** Made once: its caches are filled as it is used. */
    private static final JsonMapper MAPPER = mapper();

    private Documents() {}

    /**
     * Reads one object, and passes over members that the record does not have, for specifications that may be extended.
     *
     * @throws IOException when it is refused; the message says why, in words that follow "cannot read …: "
     */
    public static <T> T read(byte[] document, Class<T> type) throws IOException {
        return read(document, MAPPER.readerFor(type), type);
    }

    /** Reads one object, and refuses members that the record does not have, for specifications that want it so. */
    public static <T> T readExactly(byte[] document, Class<T> type) throws IOException {
        return read(document, MAPPER.readerFor(type).with(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES), type);
    }

    /** Reads a list of objects, otherwise as {@link #read}. */
    public static <T> List<T> readList(byte[] document, Class<T[]> type) throws IOException {
        return List.copyOf(Arrays.asList(read(document, type)));
    }

    private static <T> T read(byte[] document, ObjectReader reader, Class<T> type) throws IOException {
        try {
            @Nullable Object value = reader.readValue(text(document));
            if (value == null) {
                throw new IOException("it is not one JSON object");
            }
            return type.cast(value);
        } catch (JsonProcessingException e) {
            // Without its cause, whose message quotes the text.
            throw new IOException(DocumentRefusal.reason(e));
        }
    }

    private static String text(byte[] document) throws IOException {
        if (document.length > MAX_CHARS) {
            throw new IOException("it is longer than " + MAX_CHARS + " bytes");
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(document))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IOException("it is not in UTF-8");
        }
    }

    private static JsonMapper mapper() {
        JsonFactory factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxDocumentLength(MAX_CHARS)
                        .maxStringLength(MAX_CHARS)
                        .maxNestingDepth(MAX_DEPTH)
                        .maxTokenCount(MAX_TOKENS)
                        .build())
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();
        JsonMapper.Builder mapper = JsonMapper.builder(factory)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .withCoercionConfig(LogicalType.Textual, textual -> textual.setCoercion(
                                CoercionInputShape.Integer, CoercionAction.Fail)
                        .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                        .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail));
        mapper.withConfigOverride(List.class, list -> list.setSetterInfo(JsonSetter.Value.forContentNulls(Nulls.FAIL)));
        // As in Go, whose programs write most of these documents.
        mapper.withConfigOverride(Map.class, map -> map.setSetterInfo(JsonSetter.Value.forContentNulls(Nulls.SKIP)));
        return mapper.build();
    }
}
