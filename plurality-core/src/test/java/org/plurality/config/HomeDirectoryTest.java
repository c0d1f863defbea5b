// SPDX-License-Identifier: Apache-2.0
package org.plurality.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class HomeDirectoryTest {
    @Test
    void missingHomeIsThatOfThePasswdEntry() {
        assertThat(HomeDirectory.in(Map.of("A", "B"), "/home/me"))
                .containsExactlyInAnyOrderEntriesOf(Map.of("A", "B", "HOME", "/home/me"));
        assertThat(HomeDirectory.in(Map.of("HOME", ""), "/home/me")).containsEntry("HOME", "/home/me");
    }

    @Test
    void homeOfTheEnvironmentStays() {
        assertThat(HomeDirectory.in(Map.of("HOME", "/other"), "/home/me")).containsEntry("HOME", "/other");
        assertThat(HomeDirectory.in(Map.of(), "?")).isEmpty();
    }
}
