package org.plurality.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
        "oci:3,docker.io/library/oci:3"
    })
    void registryReferencesAreTheDefault(String text, String complete) throws Exception {
        assertThat(ImageSource.parse(text)).isInstanceOfSatisfying(ImageSource.InRegistry.class, source -> assertThat(
                        source.reference().toString())
                .isEqualTo(complete));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "oci:/tmp/x",
                "oci-archive:/tmp/x.tar",
                "docker-archive:./x.tar",
                "sif:/x.sif",
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
