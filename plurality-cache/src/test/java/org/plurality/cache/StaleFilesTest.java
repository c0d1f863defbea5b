// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class StaleFilesTest {
    @TempDir
    private Path tmp;

    private Path tree;

    @BeforeEach
    void makeTree() throws IOException {
        tree = tmp.resolve("pub-1");
        for (int directory = 0; directory < 50; directory++) {
            Path below = Files.createDirectories(tree.resolve("a b\n" + directory + "/deep"));
            for (int file = 0; file < 20; file++) {
                Files.createFile(below.resolve("file" + file));
            }
            Files.createSymbolicLink(below.resolve("link"), tmp.resolve("kept"));
        }
        Files.createFile(Files.createDirectory(tmp.resolve("kept")).resolve("file"));
    }

    @Test
    void aTreeThatIsSoonGoneIsGoneAtTheReturn() throws Exception {
        StaleFiles.deleteWithin(tree, Duration.ofSeconds(30));
        assertThat(names()).containsExactly("kept");
        assertThat(tmp.resolve("kept/file")).exists();
    }

    @Test
    void whatTakesLongerGoesOnBeingRemoved() throws Exception {
        StaleFiles.deleteWithin(tree, Duration.ZERO);
        assertThat(tree).doesNotExist();
        while (names().size() > 1) {
            Thread.sleep(10);
        }
        assertThat(tmp.resolve("kept/file")).exists();
    }

    @Test
    void aThreadThatHasBeenInterruptedWaitsAllTheSameAndStaysSo() throws Exception {
        Thread.currentThread().interrupt();
        StaleFiles.deleteWithin(tree, Duration.ofSeconds(30));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(names()).containsExactly("kept");
    }

    @Test
    void whatIsNotThereIsNoFailure() throws Exception {
        StaleFiles.deleteWithin(tmp.resolve("absent"), Duration.ofSeconds(30));
        assertThat(names()).containsExactlyInAnyOrder("kept", "pub-1");
    }

    private List<String> names() throws IOException {
        try (Stream<Path> children = Files.list(tmp)) {
            return children.map(child -> child.getFileName().toString()).toList();
        }
    }
}
