// SPDX-License-Identifier: Apache-2.0
package org.plurality.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.failure.PluralityException;

class HookFilesTest {
    private static final HookFiles.Container PLAIN = new HookFiles.Container("app", Map.of(), false);

    @TempDir
    private Path directory;

    private final List<String> notes = new ArrayList<>();

    @Test
    void hooksRunInTheOrderOfTheirFilesWithNothingOfTheUsersEnvironment() throws Exception {
        write("20-b", "\"always\": true", "\"prestart\"");
        write("10-a", "\"always\": true", "\"createRuntime\", \"createContainer\"");
        assertThat(hooks(PLAIN))
                .extracting(Hook::stage)
                .containsExactly("createRuntime", "createContainer", "prestart");
        assertThat(hooks(PLAIN)).extracting(Hook::environment).containsOnly(Hook.PLAIN_ENVIRONMENT);
        assertThat(notes).isEmpty();
    }

    @Test
    void aFileOfALaterDirectoryHidesItsNamesake() throws Exception {
        write("a", "\"always\": true", "\"prestart\"");
        Path later = Files.createDirectory(directory.resolve("later"));
        Files.writeString(later.resolve("a.json"), text("\"always\": false", "\"prestart\""));
        assertThat(HookFiles.of(List.of(directory, later), PLAIN, notes)).isEmpty();
    }

    @Test
    void allConditionsHaveToHoldAndOneHasToBeThere() throws Exception {
        write("a", "\"commands\": [\"^app$\"], \"hasBindMounts\": true", "\"prestart\"");
        write("b", "\"annotations\": {\"^com\\\\.x$\": \"^on$\"}", "\"prestart\"");
        write("c", "", "\"prestart\"");
        assertThat(hooks(PLAIN)).isEmpty();
        assertThat(hooks(new HookFiles.Container("app", Map.of(), true))).hasSize(1);
        assertThat(hooks(new HookFiles.Container("other", Map.of("com.x", "on"), true)))
                .hasSize(1);
        assertThat(hooks(new HookFiles.Container("app", Map.of("com.x", "on"), true)))
                .hasSize(2);
    }

    @Test
    void stagesThatContainersOfOursDoNotReachAreNoted() throws Exception {
        write("a", "\"always\": true", "\"poststop\", \"prestart\", \"startContainer\", \"poststart\"");
        assertThat(hooks(PLAIN)).extracting(Hook::stage).containsExactly("prestart");
        assertThat(notes).hasSize(3);
        assertThat(notes.get(0)).contains("a.json is for poststop", "/bin/true does not run");
    }

    @Test
    void aFileThatIsNotUnderstoodIsNamed() throws Exception {
        for (String text : List.of("{", "{\"version\":\"9\"}", text("\"commands\": [\"(\"]", "\"prestart\""))) {
            Files.writeString(directory.resolve("bad.json"), text);
            assertThatThrownBy(() -> hooks(PLAIN))
                    .isInstanceOf(PluralityException.class)
                    .hasMessageContaining("bad.json");
        }
    }

    private List<Hook> hooks(HookFiles.Container container) throws PluralityException {
        notes.clear();
        return HookFiles.of(List.of(directory), container, notes);
    }

    private void write(String name, String when, String stages) throws IOException {
        Files.writeString(directory.resolve(name + ".json"), text(when, stages));
    }

    private static String text(String when, String stages) {
        return "{\"version\": \"1.0.0\", \"hook\": {\"path\": \"/bin/true\"}, \"when\": {" + when + "}, \"stages\": ["
                + stages + "]}";
    }
}
