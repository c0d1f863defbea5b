// SPDX-License-Identifier: Apache-2.0
package org.plurality.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {
    private static final String HEX = "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945";

    @ParameterizedTest
    @CsvSource({
        "alpine, docker.io/library/alpine:latest",
        "alpine:3.20, docker.io/library/alpine:3.20",
        "group/app, docker.io/group/app:latest",
        "docker.io/alpine, docker.io/library/alpine:latest",
        "index.docker.io/alpine, docker.io/library/alpine:latest",
        "localhost/app, localhost/app:latest",
        "localhost:5000/app:v1, localhost:5000/app:v1",
        "127.0.0.1:5000/a/b/c:v1, 127.0.0.1:5000/a/b/c:v1",
        "registry.example.org/app, registry.example.org/app:latest",
        "[::1]:5000/app, [::1]:5000/app:latest",
        "host:80/app, host:80/app:latest",
        "nohost/app, docker.io/nohost/app:latest",
        "localhost/x.y_z__w---v, localhost/x.y_z__w---v:latest"
    })
    void defaultsAreDockerHubs(String text, String complete) {
        assertThat(ImageReference.parse(text)).hasToString(complete);
    }

    @Test
    void digestDecidesWhenTagAndDigestAreGiven() {
        ImageReference reference = ImageReference.parse("registry.example.org/app:v1@sha256:" + HEX);
        assertThat(reference.tag()).isEqualTo("v1");
        assertThat(reference.tagOrDigest()).isEqualTo("sha256:" + HEX);
    }

    @Test
    void digestAloneGetsNoTag() {
        assertThat(ImageReference.parse("alpine@sha256:" + HEX).tag()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "alpine",
                "localhost:5000/app:v1",
                "registry.example.org/a/b@sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"
            })
    void completeFormParsesToItself(String text) {
        ImageReference reference = ImageReference.parse(text);
        assertThat(ImageReference.parse(reference.toString())).isEqualTo(reference);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                ":tag",
                "UPPER",
                "a//b",
                "../../etc/passwd",
                "a/../b",
                ".hidden/app",
                "app:",
                "app:bad tag",
                "app:.dot",
                "app@sha256:short",
                "app@md5:4f53cda18c2baa0c0354bb5f9a3ecbe5",
                "app@sha256:4F53CDA18C2BAA0C0354BB5F9A3ECBE5ED12AB4D8E11BA873C2F11161202B945",
                "host:port/app",
                "host:123456/app",
                "ho st:80/app",
                "-x.example.org/app",
                "app-/x",
                "a___b",
                "a..b/c.d",
                "app\n",
                "_tags/x"
            })
    void namesThatRegistriesRefuseAreRefused(String text) {
        assertThatThrownBy(() -> ImageReference.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void longestNameAndTagAreBounded() {
        assertThat(ImageReference.parse("localhost/" + "a".repeat(245) + ":" + "t".repeat(128))
                        .repository())
                .hasSize(245);
        assertThatThrownBy(() -> ImageReference.parse("localhost/" + "a".repeat(246)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ImageReference.parse("app:" + "t".repeat(129)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ImageReference.parse("a-".repeat(1_000_000)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void nameWithCapitalsIsWrittenInLowerCaseWithItsTagAsItWas() {
        assertThat(ImageReference.inLowerCase("Debian:12-Slim")).contains("debian:12-Slim");
        assertThat(ImageReference.inLowerCase("docker.io/library/Debian")).contains("docker.io/library/debian");
        assertThat(ImageReference.inLowerCase("debian:12")).isEmpty();
        assertThat(ImageReference.inLowerCase("De bian")).isEmpty();
    }
}
