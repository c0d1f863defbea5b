// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.prewarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.reference.Platform;

class PrewarmTest {
    private static final Platform USUAL = Platform.parse("linux/amd64");

    @TempDir
    private Path directory;

    @Test
    void aListIsRead() throws Exception {
        List<WantedImage> wanted = read("""
                # what everybody needs
                [[image]]
                reference = "alpine:3.20"
                pin = true

                [[image]]   # both
                reference = "registry.example.org/a/b"
                platforms = ["linux/amd64",
                             "linux/arm64"]
                format = "dir"
                """);
        assertThat(wanted).hasSize(3);
        assertThat(wanted.get(0).pin()).isTrue();
        assertThat(wanted.get(0).platform()).isEqualTo(USUAL);
        assertThat(wanted.get(2).platform()).isEqualTo(Platform.parse("linux/arm64"));
        assertThat(wanted.get(2).format()).isEqualTo("dir");
        assertThat(read("")).isEmpty();
    }

    @Test
    void listsThatAreNotUnderstoodAreRefused() {
        for (String wrong : List.of(
                "reference = \"a\"",
                "[image]\nreference = \"a\"",
                "[[image]]\nreferense = \"a\"",
                "[[image]]\npin = true",
                "[[image]]\nreference = \"a\"\npin = \"perhaps\"",
                "[[image]]\nreference = \"A\"",
                "[[image]]\nreference = \"a\"\nplatforms = [\"vax\"]",
                "[[image]] reference = \"a\"",
                "[[other]]\nreference = \"a\"")) {
            assertThatThrownBy(() -> read(wrong))
                    .as(wrong)
                    .isInstanceOfSatisfying(PluralityException.class, failure -> assertThat(failure.kind())
                            .isEqualTo(FailureKind.USAGE));
        }
    }

    @Test
    void oneImagesFailureDoesNotKeepTheOthersAndTheWorstDecides() throws Exception {
        List<WantedImage> wanted = read("""
                [[image]]
                reference = "a"
                [[image]]
                reference = "b"
                [[image]]
                reference = "c"
                """);
        List<PluralityException> failures = new ArrayList<>();
        Prewarm.Outcome outcome = new Prewarm(
                        image -> {
                            String name = image.source().toString();
                            if (name.contains("/a")) {
                                throw new PluralityException(FailureKind.NETWORK, "cannot", "try");
                            }
                            return name.contains("/b");
                        },
                        failures::add)
                .run(wanted);
        assertThat(outcome).isEqualTo(new Prewarm.Outcome(1, 1, 1, FailureKind.NETWORK.exitCode()));
        assertThat(failures).hasSize(1);
    }

    private List<WantedImage> read(String text) throws Exception {
        Path file = directory.resolve("list.toml");
        Files.writeString(file, text);
        return PrewarmList.read(file, USUAL);
    }
}
