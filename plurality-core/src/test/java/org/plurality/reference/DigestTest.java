// SPDX-License-Identifier: Apache-2.0
package org.plurality.reference;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestTest {
    /** FIPS 180-4's example. */
    private static final String ABC = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @Test
    void sha256OfKnownBytes() {
        assertThat(Digest.sha256("abc".getBytes(UTF_8))).hasToString(ABC);
        assertThat(Digest.parse(ABC)).isEqualTo(Digest.sha256("abc".getBytes(UTF_8)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "sha256:",
                "sha256:ba78",
                "sha1:ba7816bf8f01cfea414140de5dae2223b00361a3",
                "sha256:../../../../../../../../../../../../../../../../../../../../etc/passwd",
                "sha256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"
            })
    void whatCouldBeAPathOrAnotherAlgorithmIsRefused(String text) {
        assertThatThrownBy(() -> Digest.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void platformsAreComparedWithTheirVariant() {
        assertThat(Platform.parse("linux/arm64/v8")).isEqualTo(Platform.parse("linux/arm64"));
        assertThat(Platform.parse("linux/arm/v7")).isNotEqualTo(Platform.parse("linux/arm"));
        assertThat(Platform.parse("linux/arm/v7").fileName()).isEqualTo("linux-arm-v7");
        assertThatThrownBy(() -> Platform.parse("linux/../x")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Platform.parse("linux")).isInstanceOf(IllegalArgumentException.class);
    }
}
