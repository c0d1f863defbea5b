// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.bundle.Bind;
import org.plurality.containers.ProgramFinder.Verdict;

class ProgramFinderTest {
    @TempDir
    Path place;

    private Path root;

    @BeforeEach
    void makeRoot() throws IOException {
        root = Files.createDirectories(place.resolve("root"));
        program(root, "usr/bin/tool", true);
        program(root, "usr/share/data", false);
        Files.createSymbolicLink(root.resolve("bin"), Path.of("usr/bin"));
        Files.createSymbolicLink(root.resolve("usr/bin/link"), Path.of("/usr/bin/tool"));
        Files.createSymbolicLink(root.resolve("usr/bin/out"), Path.of("../../../../../../../../usr/bin/env"));
    }

    @Test
    void namesAreLookedForOnThePathOfTheContainer() throws IOException {
        assertThat(find("tool")).isEqualTo(Verdict.RUNNABLE);
        assertThat(find("link")).isEqualTo(Verdict.RUNNABLE);
        assertThat(find("nosuch")).isEqualTo(Verdict.NOT_FOUND);
        assertThat(find("")).isEqualTo(Verdict.NOT_FOUND);
        assertThat(new ProgramFinder(List.of(root), List.of()).find("tool", List.of("PATH=/opt"), "/"))
                .isEqualTo(Verdict.NOT_FOUND);
    }

    @Test
    void linksNeverLeadOutOfTheContainer() throws IOException {
        assertThat(find("out")).isEqualTo(Verdict.NOT_FOUND);
    }

    @Test
    void directoriesAndDataAreNotExecutable() throws IOException {
        assertThat(find("/usr/share/data")).isEqualTo(Verdict.NOT_EXECUTABLE);
        assertThat(find("/usr")).isEqualTo(Verdict.NOT_EXECUTABLE);
        assertThat(find("./data")).isEqualTo(Verdict.NOT_EXECUTABLE);
    }

    @Test
    void aBindHidesWhatTheImageHas() throws IOException {
        Path host = Files.createDirectories(place.resolve("host"));
        program(host, "mine", true);
        ProgramFinder finder =
                new ProgramFinder(List.of(root), List.of(new Bind(host, Path.of("/usr/bin"), true, true, "test")));
        assertThat(finder.find("/usr/bin/mine", List.of(), "/")).isEqualTo(Verdict.RUNNABLE);
        assertThat(finder.find("/usr/bin/tool", List.of(), "/")).isEqualTo(Verdict.NOT_FOUND);
    }

    @Test
    void eitherLayerMayHaveTheProgramAndTheLinksToIt() throws IOException {
        Path upper = Files.createDirectories(place.resolve("upper"));
        program(upper, "usr/bin/added", true);
        ProgramFinder finder = new ProgramFinder(List.of(upper, root), List.of());
        assertThat(finder.find("/bin/added", List.of(), "/")).isEqualTo(Verdict.RUNNABLE);
        assertThat(finder.find("tool", List.of(), "/")).isEqualTo(Verdict.RUNNABLE);
    }

    private Verdict find(String program) throws IOException {
        return new ProgramFinder(List.of(root), List.of())
                .find(program, List.of("PATH=/nosuch:/bin", "HOME=/root"), "/usr/share");
    }

    private static void program(Path root, String name, boolean executable) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.resolveSibling("."));
        Files.writeString(file, "#!");
        assertThat(file.toFile().setExecutable(executable)).isTrue();
    }
}
