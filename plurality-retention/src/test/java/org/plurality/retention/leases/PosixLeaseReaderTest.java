// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.leases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.cache.NotADocumentException;

class PosixLeaseReaderTest {
    private final PosixLeaseReader reader = new PosixLeaseReader();

    @TempDir
    private Path directory;

    @Test
    void whatIsNoSmallFileIsToldFromWhatCannotBeRead() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "0123456789");
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        assertThat(reader.read(file, 10)).asString().isEqualTo("0123456789");
        assertThatThrownBy(() -> reader.read(file, 9)).isInstanceOf(NotADocumentException.class);
        assertThatThrownBy(() -> reader.read(link, 10)).isInstanceOf(NotADocumentException.class);
        assertThatThrownBy(() -> reader.read(directory, 10)).isInstanceOf(NotADocumentException.class);
        assertThatThrownBy(() -> reader.read(directory.resolve("none"), 10)).isInstanceOf(NoSuchFileException.class);
    }
}
