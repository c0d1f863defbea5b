// SPDX-License-Identifier: Apache-2.0
package org.plurality.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

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
    void stringsAndNumbersReadAsTheSpecificationSays() throws IOException {
        JsonObject json = parse(
                " {\t\"a\\u0041\" : \"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\u00fc\" ,\r\n\"n\":-0,\"m\":-12 } ");
        assertThat(json.string("aA")).isEqualTo("\"\\/\b\f\n\r\t\u00e9\ud83d\ude00\u00fc");
        assertThat(json.number("n")).isZero();
        assertThat(json.number("m")).isEqualTo(-12);
        assertThat(parse("{\"a\":1,\"a\":2}").number("a")).isEqualTo(2);
        assertThat(parse("{\"a\":1e3,\"b\":[]}").strings("b")).isEmpty();
    }

    @Test
    void whatIsWrittenReadsBack() throws IOException {
        String odd = "\u0000\u001f\"\\/\u007f\u2028\ud83d\ude00";
        assertThat(JsonObject.parse(JsonObject.write(json -> json.writeStringField("a", odd)))
                        .string("a"))
                .isEqualTo(odd);
    }

    @Test
    void bytesThatAreNotUtf8AreRefused() {
        assertThatThrownBy(() -> JsonObject.parse(new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'}))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> JsonObject.parse(new byte[JsonObject.MAX_BYTES + 1]))
                .isInstanceOf(IOException.class);
    }

    @Test
    void wrongTypesAreNamed() throws IOException {
        JsonObject json = parse("{\"a\":1,\"f\":1.5}");
        assertThatThrownBy(() -> json.string("a")).hasMessage("\"a\" is not a string");
        assertThatThrownBy(() -> json.number("f")).hasMessage("\"f\" is not a whole number");
        assertThatThrownBy(() -> json.string("b")).hasMessage("\"b\" is missing");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{} {}",
                "{\"a\":}",
                "nonsense",
                "{\"a\":\"\\ud800",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12g4\"}",
                "{\"a\":\"line\nend\"}",
                "{,}",
                "{\"a\":1,}",
                "{\"a\" 1}",
                "{a:1}",
                "{\"a\":[1,]}",
                "{\"a\":[,1]}",
                "{\"a\":[1 2]}",
                "{\"a\":01}",
                "{\"a\":-}",
                "{\"a\":1.}",
                "{\"a\":1e}",
                "{\"a\":.5}",
                "{\"a\":+1}",
                "{\"a\":99999999999999999999}",
                "{\"a\":tru}",
                "{\"a\":NaN}",
                "{'a':1}"
            })
    void whatIsNotOneObjectIsRefused(String text) {
        assertThatThrownBy(() -> parse(text)).isInstanceOf(IOException.class);
    }

    @Test
    void depthIsBounded() {
        assertThatThrownBy(() -> parse("{\"a\":".repeat(100_000))).isInstanceOf(IOException.class);
    }

    @Test
    void valuesAreBounded() {
        String empty = "{},".repeat(JsonObject.MAX_VALUES);
        assertThatThrownBy(() -> parse("{\"a\":[" + empty + "{}]}")).hasMessageContaining("more than");
    }

    @Test
    void errorsNeverQuoteTheText() {
        for (String text : new String[] {
            "{\"auth\":hunter2}", "{\"auth\":\"hunter2\\q\"}", "{hunter2:1}", "{\"a\":1} hunter2", "{\"a\":1hunter2}"
        }) {
            Throwable failure = catchThrowable(() -> parse(text));
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                assertThat(cause).isInstanceOf(IOException.class).hasMessageNotContaining("hunter2");
            }
            assertThat(failure).isNotNull();
        }
        assertThatThrownBy(() -> parse("{\n\"a\":x}")).hasMessageContaining("line 2");
    }

    @Test
    void aChangedCopyIsWrittenInItsOldOrder() throws IOException {
        JsonObject object = parse("{\"a\":1.5,\"b\":[true,{\"c\":\"x\"}],\"d\":-2}");
        assertThat(JsonObject.line(object.with("b", "new").with("e", JsonObject.empty())::writeMembers))
                .isEqualTo("{\"a\":1.5,\"b\":\"new\",\"d\":-2,\"e\":{}}");
        assertThat(JsonObject.line(object::writeMembers)).isEqualTo("{\"a\":1.5,\"b\":[true,{\"c\":\"x\"}],\"d\":-2}");
    }

    private static JsonObject parse(String text) throws IOException {
        return JsonObject.parse(text.getBytes(UTF_8));
    }
}
