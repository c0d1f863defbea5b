// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.plurality.failure.PluralityException;

class ContainerNameTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "echo_test",
                "Debian-12.1",
                "0",
                "x23456789012345678901234567890123456789012345678901234567890123"
            })
    void lettersDigitsAndPunctuationInsideAreANames(String text) throws PluralityException {
        assertThat(ContainerName.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "a/b",
                "/a",
                "../a",
                ".a",
                "-a",
                "_a",
                "a b",
                "a\n",
                "a\0",
                "ä",
                "a~b",
                "a:b",
                "x234567890123456789012345678901234567890123456789012345678901234"
            })
    void whatCouldLeaveTheDirectoryOrConfuseARuntimeIsRefused(String text) {
        assertThatThrownBy(() -> ContainerName.parse(text))
                .isInstanceOf(PluralityException.class)
                .hasMessageStartingWith("cannot use '");
    }
}
