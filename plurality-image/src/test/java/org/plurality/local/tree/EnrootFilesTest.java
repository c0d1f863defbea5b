// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.tree;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.display.Notes;
import org.plurality.reference.Platform;

/** {@code /etc/rc} and {@code /etc/environment} in the form that enroot 3.4 and 3.5 give them. */
class EnrootFilesTest {
    private static final Platform AMD64 = Platform.parse("linux/amd64");

    private static final String RC = """
            # org.opencontainers.image.title PyTorch
            # maintainer 'exec' "$@"

            mkdir -p "/workspace" 2> /dev/null
            cd "/workspace" && unset OLDPWD || exit 1

            if [ -s /etc/rc.local ]; then
                . /etc/rc.local
            fi

            if [ $# -gt 0 ]; then
                exec '/opt/nvidia/entry point.sh' '-v' "$@"
            else
                exec '/opt/nvidia/entry point.sh' '-v' 'bash' '-c' 'echo '\\''x'\\''' $'a\\nb'
            fi
            """;

    @TempDir
    Path root;

    private final Notes notes = new Notes();

    @Test
    void environmentWorkingDirectoryAndCommandAreTaken() throws Exception {
        TreeConfig config =
                config(RC, "PATH=/opt/conda/bin:/usr/bin\nQUOTED=\"as is\"\nEMPTY=\nNVIDIA_VISIBLE_DEVICES=all\n");
        assertThat(config.environment())
                .containsExactly(
                        "PATH=/opt/conda/bin:/usr/bin", "QUOTED=\"as is\"", "EMPTY=", "NVIDIA_VISIBLE_DEVICES=all");
        assertThat(config.workingDirectory()).isEqualTo("/workspace");
        assertThat(config.entrypoint()).containsExactly("/opt/nvidia/entry point.sh", "-v");
        assertThat(config.command()).containsExactly("bash", "-c", "echo 'x'", "a\nb");
        assertThat(notes.text()).isEmpty();
    }

    @Test
    void imageWithoutAnEntrypointHasItsCommand() throws Exception {
        TreeConfig config = config(
                "cd \"/\" && unset OLDPWD || exit 1\nif [ $# -gt 0 ]; then\n    exec \"$@\"\nelse\n    exec 'sh'\nfi\n",
                "A=1");
        assertThat(config.entrypoint()).isEmpty();
        assertThat(config.command()).containsExactly("sh");
        assertThat(config.workingDirectory()).isEmpty();
        assertThat(config.environment()).isEqualTo(List.of("A=1"));
    }

    @Test
    void treesOfOthersAreBare() throws Exception {
        TreeConfig bare = TreeConfig.bare(AMD64);
        assertThat(config("", "PATH=\"/usr/bin\"\n")).isEqualTo(bare);
        assertThat(config("#!/bin/sh\n# /etc/rc of a BSD\nexec /sbin/init\n", "A=1"))
                .isEqualTo(bare);
        Files.delete(root.resolve("etc/rc"));
        assertThat(config(null, "A=1")).isEqualTo(bare);
        Files.createSymbolicLink(root.resolve("etc/rc"), Path.of("/etc/passwd"));
        assertThat(config(null, "A=1")).isEqualTo(bare);
    }

    @Test
    void linesThatSetNothingAreNamed() throws Exception {
        TreeConfig config = config(RC, "A=1\n# a comment\nsecond line of a value\n\nB=2\n");
        assertThat(config.environment()).containsExactly("A=1", "B=2");
        assertThat(notes.text()).contains("second line of a value").doesNotContain("a comment");
    }

    @Test
    void commandOfAnotherFormIsNamed() throws Exception {
        TreeConfig config = config(RC.replace("exec '/opt/nvidia/entry point.sh' '-v' 'bash'", "exec 'zsh'"), "");
        assertThat(config.command()).isEmpty();
        assertThat(notes.text()).contains("left out the command in /etc/rc");
    }

    private TreeConfig config(@Nullable String rc, String environment) throws Exception {
        Path etc = Files.createDirectories(root.resolve("etc"));
        if (rc != null) {
            Files.writeString(etc.resolve("rc"), rc);
        }
        Files.writeString(etc.resolve("environment"), environment);
        return EnrootFiles.config(new DirectoryTree(root, 64), AMD64, notes);
    }
}
