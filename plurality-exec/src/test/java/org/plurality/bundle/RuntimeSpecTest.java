// SPDX-License-Identifier: Apache-2.0
package org.plurality.bundle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class RuntimeSpecTest {
    @Test
    void configurationIsTheGoldenOne() throws IOException {
        MountPlan plan = new MountPlan(
                Path.of("/cache/rootfs"),
                List.of(
                        MountPlan.Mount.bind(Path.of("/proc"), Path.of("/proc"), List.of("rbind"), "the host's"),
                        MountPlan.Mount.bind(
                                Path.of("/usr"), Path.of("/.plurality/usr"), List.of("rbind", "ro"), "tools")));
        RuntimeSpec spec = new RuntimeSpec(
                List.of("/bin/true", "\u00e4 \"x\""), plan, new UserIds(1001, 100), false, false, List.of());
        assertThat(new String(spec.toJson(), UTF_8)).isEqualTo(golden("config.json"));
    }

    @Test
    void hooksAreInTheOrderOfTheirStagesWithTheirOwnEnvironmentOnly() throws IOException {
        MountPlan plan = new MountPlan(Path.of("/cache/rootfs"), List.of());
        RuntimeSpec spec = new RuntimeSpec(
                List.of("/bin/true"),
                plan,
                null,
                true,
                true,
                List.of(
                        new Hook("createContainer", "/opt/late", List.of("late"), List.of("A=B"), 0),
                        new Hook("prestart", "/opt/first", List.of("first", "x y"), Hook.PLAIN_ENVIRONMENT, 5)));
        assertThat(new String(spec.toJson(), UTF_8)).isEqualTo(golden("hooks.json"));
    }

    private static String golden(String name) throws IOException {
        try (InputStream file = RuntimeSpecTest.class.getResourceAsStream(name)) {
            return file == null ? "" : new String(file.readAllBytes(), UTF_8);
        }
    }
}
