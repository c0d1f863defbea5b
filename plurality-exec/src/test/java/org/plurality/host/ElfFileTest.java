// SPDX-License-Identifier: Apache-2.0
package org.plurality.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ElfFileTest {
    @TempDir
    private Path directory;

    @Test
    void nameNeededLibrariesAndNewestGlibcAreRead() throws IOException {
        Path file = SampleElf.write(
                directory.resolve("liba.so"),
                "liba.so.1",
                List.of("libb.so.2", "libc.so.6"),
                "GLIBC_2.4",
                "GLIBC_2.34");
        assertThat(ElfFile.read(file))
                .isEqualTo(new ElfFile(Optional.of("liba.so.1"), List.of("libb.so.2", "libc.so.6"), 34));
    }

    @Test
    void oneWithoutANameHasNone() throws IOException {
        assertThat(ElfFile.read(SampleElf.write(directory.resolve("a"), "", List.of())))
                .isEqualTo(new ElfFile(Optional.empty(), List.of(), 0));
    }

    @Test
    void whatIsCutOffAnywhereIsRefusedOrReadButNeverHangs() throws IOException {
        byte[] whole = Files.readAllBytes(SampleElf.write(directory.resolve("a"), "a.so.1", List.of("b.so")));
        for (int length = 0; length < whole.length; length++) {
            Path cut = Files.write(directory.resolve("cut"), Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> ElfFile.read(cut)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void sizesThatLieAreRefused() throws IOException {
        byte[] whole = Files.readAllBytes(SampleElf.write(directory.resolve("a"), "a.so.1", List.of("b.so")));
        for (int at = 32; at < whole.length; at++) {
            byte[] lying = whole.clone();
            lying[at] = (byte) 0xff;
            Path file = Files.write(directory.resolve("lying"), lying);
            try {
                assertThat(ElfFile.read(file).needed()).hasSizeLessThan(10);
            } catch (IOException e) {
                assertThat(e).hasMessageNotContaining("null");
            }
        }
    }
}
