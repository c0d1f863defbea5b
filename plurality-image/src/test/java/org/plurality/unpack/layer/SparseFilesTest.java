// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sparse files in each form that GNU tar writes, made by it. */
class SparseFilesTest {
    @TempDir
    Path root;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--format=gnu",
                "--format=pax --sparse-version=0.0",
                "--format=pax --sparse-version=0.1",
                "--format=pax --sparse-version=1.0"
            })
    void fileIsWholeInEachForm(String options) throws Exception {
        Path file = root.resolve("sparse");
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            for (int i = 0; i < 60; i++) {
                out.seek(i * 200_000L);
                out.write(("piece " + i).getBytes(java.nio.charset.StandardCharsets.UTF_8));
            }
            out.setLength(60 * 200_000L);
        }
        Files.writeString(root.resolve("zafter"), "follows");
        byte[] tar = tar(options);
        assertThat(tar.length).isLessThan(4 << 20);
        TarReader reader = new TarReader(new ByteArrayInputStream(tar), UnpackLimits.DEFAULT);
        TarEntry entry = Objects.requireNonNull(reader.next());
        assertThat(entry.name().toString()).isEqualTo("sparse");
        assertThat(entry.size()).isEqualTo(Files.size(file));
        assertThat(reader.isSparse()).isTrue();
        assertThat(content(reader)).isEqualTo(Files.readAllBytes(file));
        assertThat(Objects.requireNonNull(reader.next()).name().toString()).isEqualTo("zafter");
        assertThat(content(reader)).asString().isEqualTo("follows");
        assertThat(reader.next()).isNull();
        // Passed over, as layers do with what is hidden.
        reader = new TarReader(new ByteArrayInputStream(tar), UnpackLimits.DEFAULT);
        reader.next();
        assertThat(Objects.requireNonNull(reader.next()).name().toString()).isEqualTo("zafter");
    }

    @Test
    void holesCountAgainstTheLimit() throws Exception {
        try (RandomAccessFile out = new RandomAccessFile(root.resolve("sparse").toFile(), "rw")) {
            out.setLength(1L << 40);
        }
        byte[] tar = tar("--format=pax");
        UnpackLimits limits = UnpackLimits.DEFAULT.withMaxBytes(1L << 30);
        assertThatThrownBy(() -> new TarReader(new ByteArrayInputStream(tar), limits).next())
                .hasMessageContaining("sparse files have more than");
    }

    @ParameterizedTest
    @ValueSource(strings = {"5,3,4,2", "0,11", "0,3", "3", "0,-1", "0,x", "0,9999999999999999999"})
    void malformedMapsAreRefused(String map) {
        assertThatThrownBy(() -> new SparseMap(SparseMap.commas(map), 10, 5)).isInstanceOf(LayerFormatException.class);
    }

    private byte[] tar(String options) throws Exception {
        List<String> command = new ArrayList<>(List.of("tar", "-C", root.toString(), "--sort=name", "--sparse"));
        command.addAll(List.of(options.split(" ")));
        command.addAll(List.of("-cf", "-", "sparse"));
        if (Files.exists(root.resolve("zafter"))) {
            command.add("zafter");
        }
        Process process = new ProcessBuilder(command).start();
        byte[] tar = process.getInputStream().readAllBytes();
        assertThat(process.waitFor()).isZero();
        return tar;
    }

    private static byte[] content(TarReader reader) throws Exception {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        byte[] buffer = new byte[10_000];
        for (int read = reader.read(buffer, 0, 10_000); read >= 0; read = reader.read(buffer, 0, 10_000)) {
            content.write(buffer, 0, read);
        }
        return content.toByteArray();
    }
}
