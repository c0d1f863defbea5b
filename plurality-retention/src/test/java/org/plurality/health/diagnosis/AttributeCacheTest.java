// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttributeCacheTest {
    private static final Duration WAIT = Duration.ofSeconds(75);

    @Test
    void theUsualWaitIsLongerThanTheUsualCache() {
        assertThat(level(List.of("rw", "vers=4.2"))).isEqualTo(Finding.Level.OK);
    }

    @Test
    void aCacheThatKeepsLongerThanTheWaitIsAProblem() {
        for (String option : List.of("acdirmax=75", "acregmax=600")) {
            assertThat(level(List.of("rw", option))).isEqualTo(Finding.Level.PROBLEM);
        }
    }

    @Test
    void withoutACacheAnyWaitWillDo() {
        assertThat(AttributeCache.of(List.of("noac"))
                        .finding("filesystem", Duration.ofSeconds(1))
                        .level())
                .isEqualTo(Finding.Level.OK);
    }

    private static Finding.Level level(List<String> options) {
        return AttributeCache.of(options).finding("filesystem", WAIT).level();
    }
}
