// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.unpack.layer.UnpackLimits;

/** Small layers that would be dear: what an image costs is in proportion to its size. */
class CheapLayersTest {
    private static final int MANY = 20_000;

    @TempDir
    Path scratch;

    /** Each time all names of the directory would be looked at: 400 million here. */
    @Test
    void directoryIsEmptiedOnceForALayer() throws Exception {
        TarBytes lower = new TarBytes().directory("d", 0755).file("d/old", "x").file("d/sub/old", "x");
        TarBytes upper = new TarBytes();
        for (int i = 0; i < MANY; i++) {
            upper.symlink("d/l" + i, "x");
        }
        for (int i = 0; i < MANY; i++) {
            upper.file("d/.wh..wh..opq", "").file(".wh..wh..opq", "");
        }
        Path rootfs = scratch.resolve("rootfs");
        try (RootfsWriter writer = RootfsWriter.create(rootfs, ReadPermissions.OWNER, UnpackLimits.DEFAULT)) {
            writer.apply(new ByteArrayInputStream(lower.end()), "", 0);
            writer.apply(new ByteArrayInputStream(upper.end()), "", 1);
            writer.finish(MountPoints.standard(""), scratch.resolve("list"));
        }
        assertThat(Files.exists(rootfs.resolve("d/old"))).isFalse();
        assertThat(Files.exists(rootfs.resolve("d/sub"))).isFalse();
        assertThat(rootfs.resolve("d").toFile().list()).hasSize(MANY);
    }

    /** A directory that was emptied for one layer is emptied again for the next. */
    @Test
    void eachLayerEmptiesForItself() throws Exception {
        Path rootfs = scratch.resolve("rootfs");
        try (RootfsWriter writer = RootfsWriter.create(rootfs, ReadPermissions.OWNER, UnpackLimits.DEFAULT)) {
            for (int i = 0; i < 3; i++) {
                TarBytes layer = new TarBytes()
                        .directory("d", 0755)
                        .file("d/.wh..wh..opq", "")
                        .file("d/f" + i, "x")
                        .file("d/.wh..wh..opq", "")
                        .file("d/sub/g" + i, "x")
                        .file("d/.wh.sub", "");
                writer.apply(new ByteArrayInputStream(layer.end()), "", i);
            }
            writer.finish(MountPoints.standard(""), scratch.resolve("list"));
        }
        assertThat(rootfs.resolve("d").toFile().list()).containsExactlyInAnyOrder("f2", "sub");
        assertThat(rootfs.resolve("d/sub").toFile().list()).containsExactly("g2");
    }

    @Test
    void walkThroughLongLinksIsBounded() throws Exception {
        TarBytes layer = new TarBytes().directory("a", 0755);
        layer.symlink("l0", "a");
        for (int i = 1; i < 40; i++) {
            layer.pax("linkpath", "a/../".repeat(700) + "l" + (i - 1)).symlink("l" + i, "x");
        }
        layer.file("l39/f", "x");
        try (RootfsWriter writer =
                RootfsWriter.create(scratch.resolve("r"), ReadPermissions.OWNER, UnpackLimits.DEFAULT)) {
            assertThatThrownBy(() -> writer.apply(new ByteArrayInputStream(layer.end()), "", 0))
                    .hasMessageContaining("goes through more than 4096 others");
        }
    }
}
