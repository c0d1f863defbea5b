package org.plurality.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonObjectTest {
    @Test
    void membersNobodyAsksForAreIgnored() throws IOException {
        JsonObject json = parse("{\"a\":\"x\",\"n\":7,\"f\":1.5,\"z\":null,\"l\":[\"p\",\"q\"],\"o\":{\"b\":true}}");
        assertThat(json.string("a")).isEqualTo("x");
        assertThat(json.number("n")).isEqualTo(7);
        assertThat(json.strings("l")).containsExactly("p", "q");
        assertThat(json.object("o").flag("b")).isTrue();
        assertThat(json.optionalString("z")).isNull();
    }

    @Test
    void wrongTypesAreNamed() throws IOException {
        JsonObject json = parse("{\"a\":1,\"f\":1.5}");
        assertThatThrownBy(() -> json.string("a")).hasMessage("\"a\" is not a string");
        assertThatThrownBy(() -> json.number("f")).hasMessage("\"f\" is not a whole number");
        assertThatThrownBy(() -> json.string("b")).hasMessage("\"b\" is missing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{", "{} {}", "{\"a\":}", "nonsense", "{\"a\":\"\\ud800"})
    void whatIsNotOneObjectIsRefused(String text) {
        assertThatThrownBy(() -> parse(text)).isInstanceOf(IOException.class);
    }

    @Test
    void depthIsBounded() {
        assertThatThrownBy(() -> parse("{\"a\":".repeat(100_000))).isInstanceOf(IOException.class);
    }

    private static JsonObject parse(String text) throws IOException {
        return JsonObject.parse(text.getBytes(UTF_8));
    }
}
