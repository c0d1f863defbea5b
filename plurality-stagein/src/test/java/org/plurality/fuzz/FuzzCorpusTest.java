// SPDX-License-Identifier: Apache-2.0
package org.plurality.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FuzzCorpusTest {
    @ParameterizedTest
    @EnumSource
    void inputsThatTookNewWaysAreReadOrRefused(Target target) throws IOException, URISyntaxException {
        Path corpus = Path.of(Objects.requireNonNull(FuzzCorpusTest.class.getResource("/fuzz"))
                .toURI());
        List<Path> inputs;
        try (Stream<Path> files = Files.list(corpus.resolve(target.label()))) {
            inputs = files.toList();
        }
        assertThat(inputs).isNotEmpty();
        for (Path input : inputs) {
            assertThat(target.outcome(Files.readAllBytes(input)))
                    .as(input.toString())
                    .isNotEmpty();
        }
    }
}
