// SPDX-License-Identifier: Apache-2.0
package org.plurality.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class FilesystemTest {
    private static final String MOUNTS = """
            27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
            40 27 0:40 / /shared rw,nosuid,noexec - nfs4 server:/export rw,vers=4.2
            41 40 0:41 / /shared/with\\040blank ro shared:7 master:2 - fuse.glusterfs server:/vol rw
            42 40 0:42 / /shared/over rw - tmpfs a rw
            43 42 0:43 / /shared/over rw - xfs b rw
            """;

    @Test
    void theInnermostMountCountsAndTheLastOfSeveral() throws IOException {
        assertThat(of("/home/x").type()).isEqualTo("ext4");
        assertThat(of("/shared/x").options()).contains("noexec");
        assertThat(of("/shared/with blank/x").source()).isEqualTo("server:/vol");
        assertThat(of("/shared/over/x").type()).isEqualTo("xfs");
        assertThat(of("/sharedness").type()).isEqualTo("ext4");
    }

    @Test
    void networkFilesystemsAreSharedAndThoseThatTheSiteNames() throws IOException {
        assertThat(of("/shared/x").isShared(List.of())).isTrue();
        assertThat(of("/shared/with blank").isShared(List.of())).isTrue();
        assertThat(of("/home").isShared(List.of())).isFalse();
        assertThat(of("/home").isShared(List.of("ext4"))).isTrue();
    }

    private static Filesystem of(String path) throws IOException {
        return Filesystem.of(Path.of(path), MOUNTS);
    }
}
