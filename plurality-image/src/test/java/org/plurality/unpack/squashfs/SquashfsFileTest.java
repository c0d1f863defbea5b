// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.squashfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.unpack.rootfs.ArchiveTarget;

class SquashfsFileTest {
    @TempDir
    private Path root;

    @Test
    void whereItIsMissingTheErrorSaysWhatToInstall() {
        PluralityException failure = catchThrowableOfType(PluralityException.class, () -> tools().maker());
        assertThat(failure.kind()).isEqualTo(FailureKind.STORAGE);
        assertThat(failure).hasMessage("cannot make a squashfs: mksquashfs is not installed");
        assertThat(failure.hint()).contains("squashfs-tools 4.5", "--format dir");
        assertThat(tools().areComplete()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "mksquashfs version 4.4 (2019/08/29), 'is version 4.4, which reads no tar'",
        "mksquashfs version 3.9, 'is version 3.9, which reads no tar'",
        "Segmentation fault, does not say its version"
    })
    void anOldOneIsRefusedByItsVersion(String words, String why) throws Exception {
        program("echo '" + words + "'");
        PluralityException failure = catchThrowableOfType(PluralityException.class, () -> tools().maker());
        assertThat(failure).hasMessageContaining(why).hasMessageStartingWith("cannot make a squashfs: ");
        assertThat(failure.hint()).contains("squashfs-tools 4.5");
    }

    @Test
    void oneWithoutZstdIsRefusedInItsOwnWords() throws Exception {
        program(
                "[ \"$1\" != -version ] || { echo mksquashfs version 4.6; exit; }",
                "echo 'mksquashfs: Compressor \"zstd\" is not supported!' >&2; exit 1");
        try (SquashfsFile file = file()) {
            OutputStream tar = file.begin();
            assertThatThrownBy(() -> {
                        tar.close();
                        file.end(new ArchiveTarget.Root(0755, 0, 0, 0));
                    })
                    .hasMessageContaining("mksquashfs was built without zstd");
        }
    }

    /** It neither reads nor ends by itself: who writes to it waits in the kernel. */
    @Test
    @Timeout(60)
    void cancelEndsItAndWhoWritesToIt() throws Exception {
        Path pid = root.resolve("pid");
        program(
                "[ \"$1\" != -version ] || { echo mksquashfs version 4.6; exit; }",
                "echo $$ >" + pid + ".new; mv " + pid + ".new " + pid + "; exec sleep 1000");
        try (SquashfsFile file = file()) {
            OutputStream tar = file.begin();
            Thread canceller = Thread.ofPlatform().start(() -> {
                try {
                    while (!Files.exists(pid)) {
                        Thread.sleep(10);
                    }
                } catch (InterruptedException e) {
                    return;
                }
                file.cancel();
            });
            byte[] much = new byte[1 << 20];
            assertThatThrownBy(() -> {
                        while (true) {
                            tar.write(much);
                        }
                    })
                    .isInstanceOf(IOException.class);
            canceller.join();
        }
        ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
                .ifPresent(process -> process.onExit().join());
    }

    private SquashfsFile file() {
        return new SquashfsFile(root.resolve("image"), root, tools(), SquashfsOptions.DEFAULT);
    }

    private SquashfsTools tools() {
        return new SquashfsTools(List.of(root.resolve("bin")));
    }

    private void program(String... lines) throws IOException {
        Path file = Files.createDirectories(root.resolve("bin")).resolve("mksquashfs");
        Files.writeString(file, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }
}
