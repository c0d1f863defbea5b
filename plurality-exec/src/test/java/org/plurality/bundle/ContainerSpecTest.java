// SPDX-License-Identifier: Apache-2.0
package org.plurality.bundle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContainerSpecTest {
    @Test
    void configurationIsTheGoldenOne() throws IOException {
        ContainerSpec spec = new ContainerSpec(
                List.of("/bin/true", "ä \"x\""),
                List.of("PATH=/bin", "A=1"),
                "/srv",
                "echo",
                "rootfs",
                false,
                new ContainerSpec.Overlay(Path.of("/lower"), Path.of("/upper"), Path.of("/work")),
                List.of(new Bind(Path.of("/nowhere/data"), Path.of("/in"), false, false, "test")),
                new UserIds(1001, 100),
                HostMounts.read());
        assertThat(new String(spec.toJson(), UTF_8)).isEqualTo(golden("container.json"));
    }

    @Test
    void anOverlayWhosePathsOverlayfsCannotTakeIsRefused() {
        assertThatThrownBy(() -> new ContainerSpec.Overlay(Path.of("/a:b"), Path.of("/upper"), Path.of("/work")))
                .hasMessageContaining("/a:b");
    }

    private static String golden(String name) throws IOException {
        try (InputStream file = ContainerSpecTest.class.getResourceAsStream(name)) {
            return file == null ? "" : new String(file.readAllBytes(), UTF_8);
        }
    }
}
