// SPDX-License-Identifier: Apache-2.0
package org.plurality.bundle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.plurality.json.JsonObject;

class BundleConfigTest {
    @TempDir
    Path bundle;

    @Test
    void whatASpecWritesIsRead() throws IOException {
        Bind bind = new Bind(Path.of("/data"), Path.of("/in"), true, false, "test");
        BundleConfig config = read(new String(
                new ContainerSpec(
                                List.of("sh", "-c", "ä"),
                                List.of("A=1"),
                                "/srv",
                                "echo",
                                "rootfs",
                                false,
                                new ContainerSpec.Overlay(Path.of("/lower"), Path.of("/upper"), Path.of("/work")),
                                List.of(bind),
                                new UserIds(1001, 100),
                                HostMounts.read())
                        .toJson(),
                UTF_8));
        assertThat(config.arguments()).containsExactly("sh", "-c", "ä");
        assertThat(config.environment()).containsExactly("A=1");
        assertThat(config.workDirectory()).isEqualTo("/srv");
        assertThat(config.root(bundle)).isEqualTo(bundle.resolve("rootfs"));
        assertThat(config.overlayLower()).isEqualTo(Path.of("/lower"));
        assertThat(config.overlayUpper()).isEqualTo(Path.of("/upper"));
        assertThat(config.overlayOptions())
                .containsExactly("lowerdir=/lower", "upperdir=/upper", "workdir=/work", "userxattr");
        assertThat(config.withoutOverlay().overlayOptions()).isEmpty();
        assertThat(config.withoutOverlay().binds()).isEqualTo(config.binds());
        assertThat(config.binds()).extracting(Bind::destination).contains(Path.of("/in"), Path.of("/sys"));
    }

    @Test
    void aChangedCopyKeepsWhatIsNotUnderstood() throws IOException {
        BundleConfig config = read("{\"ociVersion\":\"1.0.2\",\"process\":{\"cwd\":\"/\",\"args\":[\"a\"],"
                + "\"rlimits\":[{\"type\":\"RLIMIT_CORE\",\"hard\":1,\"soft\":0}],\"noNewPrivileges\":true},"
                + "\"root\":{\"path\":\"r\",\"readonly\":true},\"annotations\":{\"x\":\"y\"},"
                + "\"linux\":{\"resources\":{\"cpu\":{\"shares\":1024}}}}");
        JsonObject changed = JsonObject.parse(config.withProcess(List.of("b"), List.of("C=d"), "/w", true)
                .withRoot(Path.of("/abs"))
                .withBinds(List.of(new Bind(Path.of("/s"), Path.of("/d"), false, false, "test")), HostMounts.read())
                .withPoststop(List.of("/bin/rm", "x"))
                .toJson());
        assertThat(changed.object("process").objects("rlimits").get(0).number("hard"))
                .isEqualTo(1);
        assertThat(changed.object("process").flag("noNewPrivileges")).isTrue();
        assertThat(changed.object("process").flag("terminal")).isTrue();
        assertThat(changed.object("process").strings("args")).containsExactly("b");
        assertThat(changed.object("root").flag("readonly")).isTrue();
        assertThat(changed.object("root").string("path")).isEqualTo("/abs");
        assertThat(changed.object("annotations").string("x")).isEqualTo("y");
        assertThat(changed.object("linux").object("resources").object("cpu").number("shares"))
                .isEqualTo(1024);
        assertThat(changed.objects("mounts").get(0).string("destination")).isEqualTo("/d");
        assertThat(changed.object("hooks").objects("poststop").get(0).strings("args"))
                .containsExactly("/bin/rm", "x");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"ociVersion\": | ends too early",
                "{} | no \"ociVersion\"",
                "{\"ociVersion\":\"1\",\"process\":{\"cwd\":\"/\"}} | no \"root\"",
                "{\"ociVersion\":\"1\",\"process\":[],\"root\":{\"path\":\"r\"}} | \"process\" is not an object",
                "{\"ociVersion\":\"1\",\"process\":{},\"root\":{\"path\":\"r\"}} | \"cwd\"",
                "{\"ociVersion\":\"1\",\"process\":{\"cwd\":\"x\"},\"root\":{\"path\":\"r\"}} | absolute",
                "{\"ociVersion\":\"1\",\"process\":{\"cwd\":\"/\",\"args\":\"sh\"},\"root\":{\"path\":\"r\"}} | \"args\" is not a list",
                "{\"ociVersion\":\"1\",\"process\":{\"cwd\":\"/\"},\"root\":{}} | \"path\" is missing",
                "{\"ociVersion\":\"1\",\"process\":{\"cwd\":\"/\"},\"root\":{\"path\":\"r\"},\"mounts\":[{}]} | \"destination\" is missing"
            })
    void aBrokenOneIsRefusedWithTheReason(String text, String reason) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(IOException.class).hasMessageContaining(reason);
    }

    private BundleConfig read(String text) throws IOException {
        return BundleConfig.read(Files.writeString(bundle.resolve("config.json"), text));
    }
}
