// SPDX-License-Identifier: Apache-2.0
package org.plurality.advice;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {
    private static final List<String> WORDS = List.of("pull", "list", "inspect", "path", "rm", "--platform", "--cache");

    @ParameterizedTest
    @CsvSource({
        "pul,pull",
        "pulll,pull",
        "plul,pull",
        "lst,list",
        "inspcet,inspect",
        "--cahce,--cache",
        "--plattform,--platform"
    })
    void mistypedWordsAreFound(String typed, String meant) {
        assertThat(Nearest.of(typed, WORDS)).hasValue(meant);
    }

    @ParameterizedTest
    @CsvSource({"frobnicate", "qqqq", "--quite-another"})
    void wordsThatAreLikeNoneAreNotGuessed(String typed) {
        assertThat(Nearest.of(typed, WORDS)).isEmpty();
    }

    @Test
    void distanceCountsSwappedLettersOnce() {
        assertThat(Nearest.distance("cahce", "cache")).isEqualTo(1);
        assertThat(Nearest.distance("", "abc")).isEqualTo(3);
        assertThat(Nearest.distance("same", "same")).isZero();
    }
}
