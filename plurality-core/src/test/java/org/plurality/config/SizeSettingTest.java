// SPDX-License-Identifier: Apache-2.0
package org.plurality.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.plurality.failure.PluralityException;

class SizeSettingTest {
    @ParameterizedTest
    @CsvSource({"7,7", "7B,7", "2kB,2000", "2KiB,2048", "3 GB,3000000000", "1GiB,1073741824", "1T,1000000000000"})
    void sizesHaveUnits(String text, long bytes) throws Exception {
        assertThat(set(text).bytes(Key.MAX_BYTES, 1)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "1.5GB", "many", "999999999999999999TiB", "1XB"})
    void whatIsNoSizeIsRefused(String text) {
        assertThatThrownBy(() -> set(text).bytes(Key.MAX_BYTES, 1))
                .isInstanceOf(PluralityException.class)
                .hasMessageContaining("max_bytes");
    }

    @Test
    void unsetSizeIsTheDefault() throws Exception {
        assertThat(Settings.load(Map.of(), List.of()).bytes(Key.MAX_BYTES, 42)).isEqualTo(42);
    }

    private static Settings set(String value) throws PluralityException {
        return Settings.load(Map.of("PLURALITY_MAX_BYTES", value), List.of());
    }
}
