// SPDX-License-Identifier: Apache-2.0
package org.plurality.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.failure.PluralityException;

class DefinitionFilesTest {
    @TempDir
    private Path directory;

    @Test
    void listsAndTablesGrowAndSingleValuesAreReplaced() throws Exception {
        write("base", "image = \"a:1\"\nworkdir = \"/a\"\nmounts = [\"/a:/a\"]\n[env]\nA = \"1\"\nB = \"1\"\n");
        write("mine", """
                base_environment = "base"
                image = "host#group/b:2"
                mounts = ["${HERE}:/b:ro"]
                entrypoint = true
                [env]
                B = "2"
                [annotations]
                com.x = "on"
                """);
        Definition read = read("mine");
        assertThat(read.image()).isEqualTo("host/group/b:2");
        assertThat(read.workDirectory()).isEqualTo("/a");
        assertThat(read.mounts()).containsExactly("/a:/a", "/here:/b:ro");
        assertThat(read.variables()).isEqualTo(Map.of("A", "1", "B", "2"));
        assertThat(read.entrypoint()).contains(true);
        assertThat(read.writable()).isEmpty();
        assertThat(read.annotations()).isEqualTo(Map.of("com.x", "on"));
    }

    @Test
    void namesHaveAnEndingOrNotAndPathsASlash() throws Exception {
        Path file = write("mine", "image = \"a\"\n");
        assertThat(read("mine").image())
                .isEqualTo(read("mine.toml").image())
                .isEqualTo(read(file.toString()).image());
    }

    @Test
    void circlesOtherKeysOtherTypesAndFilesForImagesAreRefused() throws Exception {
        write("circle", "base_environment = \"circle\"\n");
        assertRefused("circle", "are based on each other");
        write("a", "colour = \"red\"\n");
        assertRefused("a", "unknown key 'colour'");
        write("a", "image = [\"a\", \"b\"]\n");
        assertRefused("a", "'image' is a list");
        write("a", "writable = \"perhaps\"\n");
        assertRefused("a", "'writable' is neither true nor false");
        write("a", "image = \"/scratch/a.sqsh\"\n");
        assertRefused("a", "is a file");
        write("a", "workdir = \"${HERE\"\n");
        assertRefused("a", "${ without }");
        write("a", "[env]\nA = \"rank-${SLURM_PROCID}\"\n");
        assertRefused("a", "would give all ranks of a node the SLURM_PROCID of one");
        assertRefused("nosuch", "cannot find the definition nosuch in " + directory);
    }

    @Test
    void variablesHaveDefaultsAndCanBeWrittenLiterally() throws Exception {
        write("mine", """
                image = "a"
                mounts = ["${NOSUCH:-/data}:/x", "${HERE:-/data}:/y"]
                devices = ["${HERE}/device"]
                [env]
                A = "$${HERE}/$${NOSUCH}"
                [annotations]
                com.x = "${HERE}"
                """);
        Definition read = read("mine");
        assertThat(read.mounts()).containsExactly("/data:/x", "/here:/y");
        assertThat(read.devices()).containsExactly("/here/device");
        assertThat(read.variables()).isEqualTo(Map.of("A", "${HERE}/${NOSUCH}"));
        assertThat(read.annotations()).isEqualTo(Map.of("com.x", "/here"));
    }

    @Test
    void variableThatIsNotSetIsRefused() throws Exception {
        write("a", "image = \"a\"\nmounts = [\"${NOSUCH}/tmp:/x\"]\n");
        assertRefused("a", "needs the variable NOSUCH, which is not set");
        write("a", "image = \"a\"\n[env]\nA = \"${SLURM_PROCID:-0}\"\n");
        assertRefused("a", "would give all ranks of a node the SLURM_PROCID of one");
    }

    private Definition read(String name) throws PluralityException {
        return new DefinitionFiles(
                        List.of(directory), Map.of("HERE", "/here", "SLURM_PROCID", "3"), Set.of("SLURM_PROCID"))
                .read(name);
    }

    private void assertRefused(String name, String why) {
        assertThatThrownBy(() -> read(name))
                .isInstanceOf(PluralityException.class)
                .hasMessageContaining(why);
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name + ".toml"), text);
    }
}
