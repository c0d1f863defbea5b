// SPDX-License-Identifier: Apache-2.0
package org.plurality.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.bundle.Bind;
import org.plurality.failure.PluralityException;
import org.plurality.host.HostParts;

class CdiRegistryTest {
    private static final String TWO =
            "{\"cdiVersion\":\"0.6.0\",\"kind\":\"x.org/gpu\",\"containerEdits\":{\"env\":[\"ALL=1\"]},\"devices\":["
                    + "{\"name\":\"0\",\"containerEdits\":{\"deviceNodes\":[{\"path\":\"/dev/x0\",\"hostPath\":\"/dev/null\"}]}},"
                    + "{\"name\":\"1\",\"containerEdits\":{\"env\":[\"ONE=1\"]}}]}";

    @TempDir
    private Path directory;

    @Test
    void editsOfAllAreMadeOnceAndAllStandsForEach() throws Exception {
        write("a.json", TWO);
        HostParts parts = apply(true, "x.org/gpu=all");
        assertThat(parts.variables()).containsExactly("ALL=1", "ONE=1");
        assertThat(parts.mounts()).hasSize(1);
        assertThat(((Bind) parts.mounts().get(0)).source()).isEqualTo(Path.of("/dev/null"));
        assertThat(parts.mounts().get(0).destination()).isEqualTo(Path.of("/dev/x0"));
    }

    @Test
    void aDeviceUnderAnotherNameNeedsAnOwnDev() throws Exception {
        write("a.json", TWO);
        assertThatThrownBy(() -> apply(false, "x.org/gpu=0")).hasMessageContaining("--contain gives an own one");
    }

    @Test
    void yamlIsReadAsJsonIs() throws Exception {
        write(
                "a.yaml",
                "cdiVersion: 0.6.0\nkind: x.org/net\ndevices:\n- name: eth # one\n  containerEdits: {env: [NET=up]}\n");
        assertThat(apply(false, "x.org/net=eth").variables()).containsExactly("NET=up");
    }

    @Test
    void oneThatIsNotThereIsRefusedWithThoseThatAreAndTheFilesThatWereNotUsed() throws Exception {
        write("a.json", TWO);
        write("b.json", "{");
        assertThatThrownBy(() -> apply(true, "x.org/gpu=2"))
                .isInstanceOf(PluralityException.class)
                .hasMessageContaining("there are x.org/gpu=0, x.org/gpu=1")
                .hasMessageContaining("b.json");
    }

    @Test
    void hooksOfStagesThatAreNotReachedAreNotedAndThoseOfNvidiasToolReplaced() throws Exception {
        write(
                "a.json",
                "{\"cdiVersion\":\"0.6.0\",\"kind\":\"x.org/gpu\",\"devices\":[{\"name\":\"0\",\"containerEdits\":{\"hooks\":["
                        + "{\"hookName\":\"poststop\",\"path\":\"/bin/late\"},{\"hookName\":\"createContainer\",\"path\":\"/bin/now\"},"
                        + "{\"hookName\":\"createContainer\",\"path\":\"/usr/bin/nvidia-ctk\",\"args\":[\"nvidia-ctk\",\"hook\",\"update-ldcache\",\"--folder\",\"/libs\"]}]}}]}");
        HostParts parts = apply(true, "x.org/gpu=0");
        assertThat(parts.hooks()).hasSize(1);
        assertThat(parts.hooks().get(0).path()).isEqualTo("/bin/now");
        assertThat(parts.notes()).hasSize(1);
        assertThat(parts.notes().get(0)).contains("/bin/late", "poststop");
        assertThat(parts.librariesBehind()).containsExactly("/libs");
    }

    @Test
    void deviceThatTwoFilesOfOneDirectoryDescribeIsRefused() throws Exception {
        write("a.json", TWO);
        write("b.json", TWO);
        assertThatThrownBy(() -> apply(true, "x.org/gpu=0"))
                .hasMessageContaining("both")
                .hasMessageContaining("b.json");
    }

    @Test
    void hookOfNvidiasToolThatIsNotKnownIsLeftOutWithANote() throws Exception {
        write(
                "a.json",
                edits("\"hooks\":[{\"hookName\":\"createContainer\",\"path\":\"/usr/bin/nvidia-cdi-hook\","
                        + "\"args\":[\"nvidia-cdi-hook\",\"update-application-profile\"]}]"));
        HostParts parts = apply(true, "x.org/gpu=0");
        assertThat(parts.hooks()).isEmpty();
        assertThat(parts.notes()).singleElement().asString().contains("update-application-profile");
    }

    @Test
    void whatIsNotHonouredIsNamed() throws Exception {
        write(
                "a.json",
                edits("\"intelRdt\":{},\"netDevices\":[],\"additionalGids\":[44],\"mounts\":[{\"hostPath\":\"/etc\","
                        + "\"containerPath\":\"/x\",\"options\":[\"ro\",\"noexec\"]}]"));
        assertThat(apply(true, "x.org/gpu=0").notes())
                .hasSize(4)
                .anyMatch(note -> note.contains("noexec"))
                .anyMatch(note -> note.contains("additionalGids"));
    }

    @Test
    void versionAndFieldsOfASpecificationAreChecked() throws Exception {
        write("a.json", TWO.replace("0.6.0", "0.99"));
        write("b.json", TWO.replace("\"kind\"", "\"colour\":1,\"kind\"").replace("x.org/gpu", "y.org/gpu"));
        assertThatThrownBy(() -> apply(true, "x.org/gpu=0")).hasMessageContaining("cdiVersion 0.99");
        assertThatThrownBy(() -> apply(true, "y.org/gpu=0")).hasMessageContaining("its field 'colour'");
    }

    @Test
    void versionIsAtLeastThatOfWhatTheFileUses() throws Exception {
        String plain = "{\"name\":\"a\",\"containerEdits\":{\"env\":[\"A=1\"]}}";
        for (String[] part : new String[][] {
            {"0.2.0", "x.org/gpu", plain, "this format needs 0.3.0"},
            {
                "0.3.0",
                "x.org/gpu",
                edit("\"mounts\":[{\"hostPath\":\"/etc\",\"containerPath\":\"/x\",\"type\":\"bind\"}]"),
                "needs 0.4.0"
            },
            {
                "0.4.0",
                "x.org/gpu",
                edit("\"deviceNodes\":[{\"path\":\"/dev/x\",\"hostPath\":\"/dev/null\"}]"),
                "needs 0.5.0"
            },
            {"0.4.0", "x.org/gpu", plain.replace("\"a\"", "\"0\""), "needs 0.5.0"},
            {
                "0.5.0",
                "x.org/gpu",
                plain.replace("\"container", "\"annotations\":{\"a\":\"b\"},\"container"),
                "needs 0.6.0"
            },
            {"0.5.0", "x.org/gpu.fast", plain, "needs 0.6.0"},
            {"0.6.0", "x.org/gpu", edit("\"additionalGids\":[44]"), "needs 0.7.0"},
            {"0.6.0", "x.org/gpu", edit("\"intelRdt\":{}"), "needs 0.7.0"},
            {"1.0.0", "x.org/gpu", edit("\"netDevices\":[]"), "needs 1.1.0"},
            {"1.0.0", "x.org/gpu", edit("\"intelRdt\":{\"enableMonitoring\":true}"), "needs 1.1.0"},
        }) {
            String text =
                    "{\"cdiVersion\":\"" + part[0] + "\",\"kind\":\"" + part[1] + "\",\"devices\":[" + part[2] + "]}";
            write("a.json", text);
            String name = part[1] + (part[2].contains("\"0\"") ? "=0" : "=a");
            assertThatThrownBy(() -> apply(true, name)).as(text).hasMessageContaining(part[3]);
            String later = part[3].substring(part[3].indexOf("needs ") + "needs ".length());
            write("a.json", text.replace("\"" + part[0] + "\"", "\"v" + later + "\""));
            apply(true, name);
        }
    }

    private static String edit(String members) {
        return "{\"name\":\"a\",\"containerEdits\":{" + members + "}}";
    }

    private static String edits(String members) {
        return "{\"cdiVersion\":\"1.1.0\",\"kind\":\"x.org/gpu\",\"devices\":[{\"name\":\"0\",\"containerEdits\":{"
                + members + "}}]}";
    }

    private HostParts apply(boolean ownDevices, String device) throws PluralityException {
        HostParts parts = new HostParts();
        CdiRegistry.load(List.of(directory)).apply(List.of(device), new ContainerEdits(parts, ownDevices));
        return parts;
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(directory.resolve(name), text);
    }
}
