// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class PinnedImagesTest {
    private static final String A = "sha256:" + "a".repeat(64);
    private static final String B = "sha256:" + "b".repeat(64);

    private final PinnedImages pinned = PinnedImages.of(
            Map.of("PLURALITY_PINNED", "alpine=" + A + " docker://registry.example:5000/group/image:1=" + B));

    @Test
    void aPinnedNameGetsItsDigestHoweverItIsWritten() {
        assertThat(pinned.digestOf("alpine")).isEqualTo("alpine@" + A);
        assertThat(pinned.digestOf("docker.io/library/alpine:latest"))
                .isEqualTo("docker.io/library/alpine:latest@" + A);
        assertThat(pinned.digestOf("registry.example:5000/group/image:1"))
                .isEqualTo("registry.example:5000/group/image:1@" + B);
    }

    @Test
    void othersStayAsTheyAre() {
        assertThat(pinned.digestOf("alpine:3.20")).isEqualTo("alpine:3.20");
        assertThat(pinned.digestOf("alpine@" + B)).isEqualTo("alpine@" + B);
        assertThat(pinned.digestOf(A)).isEqualTo(A);
        assertThat(pinned.digestOf("NOT A NAME")).isEqualTo("NOT A NAME");
    }

    @Test
    void withoutTheVariableNothingIsPinned() {
        assertThat(PinnedImages.of(Map.of()).digestOf("alpine")).isEqualTo("alpine");
        assertThat(PinnedImages.of(Map.of("PLURALITY_PINNED", " = x alpine")).digestOf("alpine"))
                .isEqualTo("alpine");
    }
}
