// SPDX-License-Identifier: Apache-2.0
package org.plurality.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class TomlSubsetTest {
    @Test
    void keysOfATableHaveItsNameInFrontAndMayHaveDots() throws IOException {
        assertThat(TomlSubset.parseTables("""
                image = "a" # comment
                list = ["x",
                  'y', # in it
                ]
                inline = { b = "2" }
                [env]
                A = "1"
                [annotations]
                com.hooks.x = "on"
                "quoted.key" = true
                """))
                .containsEntry("image", List.of("a"))
                .containsEntry("list", List.of("x", "y"))
                .containsEntry("inline.b", List.of("2"))
                .containsEntry("env.A", List.of("1"))
                .containsEntry("annotations.com.hooks.x", List.of("on"))
                .containsEntry("annotations.quoted.key", List.of("true"))
                .hasSize(6);
    }

    @Test
    void whatIsNotThisPartOfTomlIsRefusedWithItsLine() {
        for (String text : List.of("[env", "[[env]]\n", "a = 1\na = 2", "a", "[a]\nb = \"x", "a = [1")) {
            assertThatThrownBy(() -> TomlSubset.parseTables(text))
                    .as("%s", text)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("line");
        }
    }

    @Test
    void settingsHaveNoTables() {
        assertThatThrownBy(() -> TomlSubset.parse("[env]\nA = \"1\"\n"))
                .hasMessageContaining("tables are not used here");
    }
}
