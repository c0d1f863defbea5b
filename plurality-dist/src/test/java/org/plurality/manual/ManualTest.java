// SPDX-License-Identifier: Apache-2.0
package org.plurality.manual;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManualTest {
    @Test
    void referenceIsWhatTheCodeSays() throws IOException {
        assertThat(Files.readString(Path.of("../docs/reference.md")))
                .as("dev/reference writes it anew")
                .isEqualTo(ReferencePage.of(Pages.all()));
    }

    @Test
    void pagesNameEveryCommandAndOptionOfTheTools() {
        String text = ReferencePage.of(Pages.all());
        assertThat(text)
                .contains(
                        "### plurality-stagein pull",
                        "### plurality-stagein lease add",
                        "### plurality create",
                        "### plurality submit",
                        "### plurality pull")
                .contains("--writable-tmpfs", "`--bind, -B, --volume, -v SRC[:DST[:ro\\|rw]]`")
                .contains("PLURALITY_SITE_CACHES", "| 125 |".replace("| 125 |", "125 when"));
    }

    @Test
    void treeGetsPagesAndCompletions(@TempDir Path share) throws Exception {
        Manual.main(new String[] {share.toString(), "1.2.3"});
        for (String page : List.of(
                "man1/plurality.1", "man1/plurality-exec.1", "man1/plurality-stagein.1", "man5/plurality.toml.5")) {
            String roff = Files.readString(share.resolve("man").resolve(page));
            assertThat(roff).as(page).startsWith(".TH \"PLURALITY").contains("Plurality 1.2.3");
            // A line of text that begins like a request would vanish.
            assertThat(roff.lines().filter(line -> line.startsWith("'")))
                    .as(page)
                    .isEmpty();
        }
        for (String name : List.of("plurality", "plurality-exec", "plurality-stagein")) {
            Path script = share.resolve("bash-completion/completions").resolve(name);
            assertThat(new ProcessBuilder("bash", "-n", script.toString())
                            .inheritIO()
                            .start()
                            .waitFor())
                    .as(name)
                    .isZero();
        }
    }
}
