// SPDX-License-Identifier: Apache-2.0
package org.plurality.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MountSyntaxTest {
    @Test
    void bindsAreParsedAsPeopleWriteThem() {
        assertThat(BindSyntax.parse("/a", "test"))
                .containsExactly(new Bind(Path.of("/a"), Path.of("/a"), false, true, "test"));
        assertThat(BindSyntax.parse("/a:/b:ro,/c::ro,/d/../e", "test"))
                .containsExactly(
                        new Bind(Path.of("/a"), Path.of("/b"), true, true, "test"),
                        new Bind(Path.of("/c"), Path.of("/c"), true, true, "test"),
                        new Bind(Path.of("/e"), Path.of("/e"), false, true, "test"));
        assertThat(BindSyntax.parse("here:/b", "test").get(0).source())
                .isEqualTo(Path.of("here").toAbsolutePath());
    }

    @Test
    void commasAndColonsOfPathsHaveABackslash() {
        assertThat(BindSyntax.parse("/a\\,b:/c\\:d,/e\\f", "test"))
                .containsExactly(
                        new Bind(Path.of("/a,b"), Path.of("/c:d"), false, true, "test"),
                        new Bind(Path.of("/e\\f"), Path.of("/e\\f"), false, true, "test"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",", ":/b", "/a:b", "/a:/b:rx", "/a:/b:ro:x", "/a,:/b"})
    void whatIsNoBindIsRefused(String text) {
        assertThatThrownBy(() -> BindSyntax.parse(text, "test")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void mountsAreParsedAsDockerWritesThem() {
        assertThat(MountSyntax.parse("type=bind,source=/a,destination=/b", "test"))
                .isEqualTo(new Bind(Path.of("/a"), Path.of("/b"), false, true, "test"));
        for (String text :
                List.of("src=/a,dst=/b,ro", "source=/a,target=/b,readonly=true", "src=/a,dst=/b,rw=false,type=bind")) {
            assertThat(MountSyntax.parse(text, "test"))
                    .isEqualTo(new Bind(Path.of("/a"), Path.of("/b"), true, true, "test"));
        }
        assertThat(MountSyntax.parse("src=/a,dst=/b,bind-nonrecursive", "test"))
                .isEqualTo(new Bind(Path.of("/a"), Path.of("/b"), false, false, "test"));
        assertThat(MountSyntax.parse("\"src=/a,\"\"b\"\"\",dst=/b", "test"))
                .isEqualTo(new Bind(Path.of("/a,\"b\""), Path.of("/b"), false, true, "test"));
        assertThat(MountSyntax.parse("type=tmpfs,destination=/scratch,tmpfs-size=2m,tmpfs-mode=700", "test"))
                .isEqualTo(new Tmpfs(Path.of("/scratch"), 2 << 20, "700", false, "test"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "source=/a",
                "destination=/b",
                "source=/a,destination=b",
                "type=volume,source=/a,destination=/b",
                "source=/a,destination=/b,destination=/c",
                "source=/a,destination=/b,colour=red",
                "source=/a,destination=/b,readonly=maybe",
                "type=tmpfs,source=/a,destination=/b",
                "type=tmpfs,destination=/b,tmpfs-size=many",
                "type=tmpfs,destination=/b,tmpfs-mode=99",
                "source=/a,destination=/b,tmpfs-size=1",
                "\"source=/a,destination=/b"
            })
    void whatIsNoMountIsRefused(String text) {
        assertThatThrownBy(() -> MountSyntax.parse(text, "test")).isInstanceOf(IllegalArgumentException.class);
    }
}
