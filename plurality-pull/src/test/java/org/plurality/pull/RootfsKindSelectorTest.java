// SPDX-License-Identifier: Apache-2.0
package org.plurality.pull;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.cache.RootfsKind;
import org.plurality.machine.Filesystem;
import org.plurality.machine.FuseDevice;
import org.plurality.unpack.squashfs.SquashfsTools;

class RootfsKindSelectorTest {
    private static final String VERSION = "mksquashfs version 4.5.1 (2022/03/17)";

    @TempDir
    private Path root;

    /** A machine where all is there. */
    @BeforeEach
    void equip() throws IOException {
        program("squashfuse", "");
        maker(VERSION, "gzip (default)  lz4  zstd");
        fuse("rw-rw-rw-");
    }

    @Test
    void sharedFilesystemsGetOneFile() {
        for (String type : List.of("lustre", "nfs4", "gpfs", "beegfs", "ceph")) {
            assertThat(choice(type)).as(type).isEqualTo(RootfsKind.SQUASHFS);
        }
    }

    @Test
    void localFilesystemsGetADirectoryUnlessASettingNamesThem() {
        for (String type : List.of("ext4", "xfs", "tmpfs", "overlay")) {
            assertThat(choice(type)).as(type).isEqualTo(RootfsKind.DIR);
            assertThat(choice(type, "zfs", type)).as(type).isEqualTo(RootfsKind.SQUASHFS);
        }
    }

    @Test
    void withoutTheDeviceADirectoryIsKept() throws IOException {
        Files.delete(root.resolve("fuse"));
        assertThat(choice("lustre")).isEqualTo(RootfsKind.DIR);
    }

    @Test
    void deviceThatIsNotOpenToUsersIsNone() throws IOException {
        for (String mode : List.of("rw-rw----", "rw-r--r--", "rw-rw-r--", "rw-rw--w-")) {
            fuse(mode);
            assertThat(choice("lustre")).as(mode).isEqualTo(RootfsKind.DIR);
        }
    }

    @Test
    void withoutAProgramToMountADirectoryIsKept() throws IOException {
        Files.delete(root.resolve("squashfuse"));
        assertThat(choice("lustre")).isEqualTo(RootfsKind.DIR);
        program("squashfuse_ll", "");
        assertThat(choice("lustre")).isEqualTo(RootfsKind.SQUASHFS);
    }

    @Test
    void withoutAProgramToMakeOneADirectoryIsKept() throws IOException {
        Files.delete(root.resolve("mksquashfs"));
        assertThat(choice("lustre")).isEqualTo(RootfsKind.DIR);
    }

    @Test
    void makerThatIsTooOldOrWithoutZstdIsNone() throws IOException {
        maker("mksquashfs version 4.4 (2019/08/29)", "gzip (default)  lz4  zstd");
        assertThat(choice("lustre")).isEqualTo(RootfsKind.DIR);
        maker(VERSION, "gzip (default)  lz4");
        assertThat(choice("lustre")).isEqualTo(RootfsKind.DIR);
    }

    private RootfsKind choice(String type, String... more) {
        return RootfsKindSelector.of(
                new Filesystem(type, "server", Path.of("/shared"), List.of("rw")),
                List.of(more),
                new SquashfsTools(List.of(root)),
                new FuseDevice(root.resolve("fuse")));
    }

    private void fuse(String mode) throws IOException {
        Path device = root.resolve("fuse");
        Files.writeString(device, "");
        Files.setPosixFilePermissions(device, PosixFilePermissions.fromString(mode));
    }

    private void maker(String version, String help) throws IOException {
        program("mksquashfs", "[ \"$1\" = -version ] && echo '" + version + "' || echo '" + help + "'");
    }

    private void program(String name, String script) throws IOException {
        Path file = root.resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
