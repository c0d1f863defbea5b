// SPDX-License-Identifier: Apache-2.0
package org.plurality.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class BindOptionsTest {
    private static final HostMounts MOUNTS = HostMounts.parse("""
            1 0 8:1 / / rw - ext4 d rw
            2 1 8:1 / /data rw,nosuid,nodev - ext4 e rw
            3 2 8:1 / /data/inner rw - tmpfs t rw
            4 1 8:1 / /sealed ro,noexec - ext4 e rw
            """);
    private static final BindOptions NEW = new BindOptions(MOUNTS, true);
    private static final BindOptions OLD = new BindOptions(MOUNTS, false);

    @Test
    void readOnlyHoldsForWhatIsMountedBelow() {
        assertThat(NEW.of(bind("/data", true), Path.of("/data")))
                .containsExactly("rbind", "ro", "nosuid", "nodev", "rro", "rnosuid");
        assertThat(NEW.leavesWritable(bind("/data", true), Path.of("/data"))).isFalse();
    }

    @Test
    void kernelThatCannotSayRecursivelyLeavesItWritable() {
        assertThat(OLD.of(bind("/data", true), Path.of("/data"))).containsExactly("rbind", "ro", "nosuid", "nodev");
        assertThat(OLD.leavesWritable(bind("/data", true), Path.of("/data"))).isTrue();
        assertThat(OLD.leavesWritable(bind("/sealed", true), Path.of("/sealed")))
                .isFalse();
    }

    @Test
    void noBindHonoursFileCapabilities() {
        assertThat(NEW.of(bind("/home", false), Path.of("/home"))).containsExactly("bind", "rnosuid");
        assertThat(NEW.of(bind("/data/inner", false), Path.of("/data/inner"))).containsExactly("bind", "rnosuid");
        assertThat(NEW.of(bind("/data/other", false), Path.of("/data/other")))
                .as("a mount that is nosuid already")
                .containsExactly("bind");
        assertThat(NEW.of(bind("/data", false), Path.of("/data"))).containsExactly("rbind", "rnosuid");
        assertThat(OLD.of(bind("/home", false), Path.of("/home"))).containsExactly("bind", "nosuid");
        assertThat(OLD.of(bind("/sealed", false), Path.of("/sealed")))
                .containsExactly("bind", "nosuid", "noexec", "ro");
    }

    @Test
    void releasesOfDistributionsAreUnderstood() {
        assertThat(BindOptions.isAtLeast("5.14.0-427.el9.x86_64", 5, 12)).isTrue();
        assertThat(BindOptions.isAtLeast("6.1-custom", 5, 12)).isTrue();
        assertThat(BindOptions.isAtLeast("4.18.0-553.el8", 5, 12)).isFalse();
        assertThat(BindOptions.isAtLeast("5.4.0", 5, 12)).isFalse();
        assertThat(BindOptions.isAtLeast("", 5, 12)).isFalse();
    }

    private static Bind bind(String path, boolean readOnly) {
        return new Bind(Path.of(path), Path.of(path), readOnly, true, "test");
    }
}
