// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.plurality.app.Session;
import org.plurality.fake.FakeImage;
import org.plurality.fake.FakeRegistry;
import org.plurality.pull.ShutdownHandler;

/** Each bound, set for a whole pull, is the one that refuses. */
class UnpackSettingsTest {
    private static final int BOMB_BYTES = 66 << 20;

    @TempDir
    private Path root;

    private final FakeRegistry registry;
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    UnpackSettingsTest() throws IOException {
        registry = new FakeRegistry().add("1", new FakeImage(List.of(layer())));
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"dir", "squashfs"})
    void withinTheUsualBoundsTheImageIsTaken(String format) {
        assertThat(pull("1", format, Map.of())).as(err()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "BYTES, 20000, the image has more than 20000 bytes",
        "ENTRIES, 3, the image has more than 3 entries",
        "DEPTH, 4, more than 4 directories deep",
        "PATH_LENGTH, 60, is longer than 60 bytes",
        "HEADER_BYTES, 200, more than the bound of 200"
    })
    void eachBoundIsItsOwn(String bound, String value, String why) {
        for (String format : List.of("dir", "squashfs")) {
            assertThat(pull("1", format, Map.of("PLURALITY_MAX_" + bound, value)))
                    .as(err())
                    .isEqualTo(6);
            assertThat(err()).contains(why, "hint: ");
        }
    }

    @Tag("slow")
    @Test
    void ratioAndSizeBoundBombsOfEitherCompression() throws Exception {
        byte[] tar = FakeImage.tar("zeros", new byte[BOMB_BYTES]);
        ByteArrayOutputStream gzipped = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(gzipped)) {
            gzip.write(tar);
        }
        registry.add("gzip", new FakeImage(List.of(gzipped.toByteArray())))
                .add("zstd", new FakeImage(List.of(Zstd.compress(tar))));
        for (String tag : List.of("gzip", "zstd")) {
            assertThat(pull(tag, "dir", Map.of("PLURALITY_MAX_RATIO", "10")))
                    .as(err())
                    .isEqualTo(6);
            assertThat(err()).contains("more than 10 times its size");
            assertThat(pull(tag, "dir", Map.of("PLURALITY_MAX_BYTES", "1000000")))
                    .as(err())
                    .isEqualTo(6);
            assertThat(err()).contains("the image has more than 1000000 bytes");
        }
    }

    /** One that each bound can refuse, for its own reason. */
    private static byte[] layer() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            file(tar, "big", 30_000, "");
            file(tar, "n".repeat(80), 1, "");
            file(tar, "a/b/c/d/e/f", 1, "");
            file(tar, "described", 1, "x".repeat(500));
        }
        return bytes.toByteArray();
    }

    private static void file(TarArchiveOutputStream tar, String name, int size, String comment) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(size);
        if (!comment.isEmpty()) {
            entry.addPaxHeader("comment", comment);
        }
        tar.putArchiveEntry(entry);
        tar.write(new byte[size]);
        tar.closeArchiveEntry();
    }

    private int pull(String tag, String format, Map<String, String> bounds) {
        err.reset();
        Map<String, String> environment = new HashMap<>(bounds);
        environment.put("HOME", root.toString());
        environment.put("PATH", "/usr/bin:/bin");
        environment.put("PLURALITY_CACHE", root.resolve("cache").toString());
        environment.put("PLURALITY_INSECURE_REGISTRIES", registry.host());
        PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
        String name = registry.host() + "/a/b:" + tag;
        String[] arguments = {"pull", "--platform", "linux/amd64", "--format", format, name};
        return new StageInCli(new Session(environment, stream, stream, false, new ShutdownHandler())).run(arguments);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
