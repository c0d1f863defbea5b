// SPDX-License-Identifier: Apache-2.0
package org.plurality.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

class ImageSourceTest {
    @ParameterizedTest
    @CsvSource({
        "alpine,docker.io/library/alpine:latest",
        "docker://alpine:3.20,docker.io/library/alpine:3.20",
        "user/app,docker.io/user/app:latest",
        "index.docker.io/user/app,docker.io/user/app:latest",
        "localhost/app,localhost/app:latest",
        "host:5000/app:1,host:5000/app:1",
        "[::1]:5000/a/b,[::1]:5000/a/b:latest",
        "docker://oci:3,docker.io/library/oci:3",
        "oci,docker.io/library/oci:latest"
    })
    void registryReferencesAreTheDefault(String text, String complete) throws Exception {
        assertThat(ImageSource.parse(text)).isInstanceOfSatisfying(ImageSource.InRegistry.class, source -> assertThat(
                        source.reference().toString())
                .isEqualTo(complete));
    }

    static List<ImageSource> others() {
        return List.of(
                new ImageSource.DockerDaemon("busybox:1"),
                new ImageSource.DockerDaemon("sha256:" + "a".repeat(64)),
                new ImageSource.DockerArchive(Path.of("x.tar.gz"), null),
                new ImageSource.DockerArchive(Path.of("/x.tar"), "host:5000/busybox:1"),
                new ImageSource.DockerArchive(Path.of("/x.tar"), "@1"),
                new ImageSource.DockerArchive(null, null),
                new ImageSource.DockerArchive(null, "busybox"),
                new ImageSource.OciLayout(Path.of("3"), null),
                new ImageSource.OciLayout(Path.of("/a/b"), "docker.io/library/a:1"),
                new ImageSource.OciArchive(Path.of("b.tar"), "latest"),
                new ImageSource.Directory(Path.of("/srv/root:fs")),
                new ImageSource.Squashfs(Path.of("x.sqsh")),
                new ImageSource.Sif(Path.of("../x.sif")));
    }

    @ParameterizedTest
    @MethodSource("others")
    void transportsAreReadAsTheyAreSpelled(ImageSource source) throws Exception {
        assertThat(ImageSource.parse(source.toString())).isEqualTo(source);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "oci:",
                "oci:/x:",
                "docker-daemon:",
                "docker-archive::name",
                "sif:",
                "containers-storage:[x]/y",
                "shub://x/y",
                "https://host/app",
                "UPPER/case",
                "host:5000/",
                "a@sha256:12",
                "",
                "a:b:c",
                "-x",
                "../x",
                "host/a//b"
            })
    void othersAreRefusedWithWhatWorks(String text) {
        assertThatThrownBy(() -> ImageSource.parse(text)).isInstanceOfSatisfying(PluralityException.class, e -> {
            assertThat(e.kind()).isEqualTo(FailureKind.USAGE);
            assertThat(e.getMessage()).startsWith("cannot use the source '" + text + "'");
        });
    }
}
