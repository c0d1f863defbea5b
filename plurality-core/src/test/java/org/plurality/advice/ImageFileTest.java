// SPDX-License-Identifier: Apache-2.0
package org.plurality.advice;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageFileTest {
    @TempDir
    private Path directory;

    @Test
    void sifAndSquashfsFilesAreKnownByTheirContent() throws IOException {
        assertThat(source("a.img", "#!/usr/bin/env run-singularity\n\0SIF_MAGIC\0"))
                .startsWith("sif:/")
                .endsWith("/a.img");
        assertThat(source("b.sif", "hsqs....")).startsWith("squashfs:/").endsWith("/b.sif");
    }

    @Test
    void tarFilesAreTakenForSavedImages() throws IOException {
        assertThat(source("c.tar", "manifest.json" + "\0".repeat(244) + "ustar"))
                .startsWith("docker-archive:/");
        assertThat(source("d.tar.gz", "\u001f\u008b")).startsWith("docker-archive:/");
        assertThat(source("data.gz", "\u001f\u008b")).isNull();
    }

    @Test
    void otherFilesAreNoImages() throws IOException {
        assertThat(source("program", "#!/bin/sh\n")).isNull();
        assertThat(source("empty", "")).isNull();
        assertThat(ImageFile.at(directory.resolve("absent").toString())).isEmpty();
        assertThat(ImageFile.at("a\0b")).isEmpty();
    }

    @Test
    void directoriesAreRootFilesystemsOrLayouts() throws IOException {
        Files.createDirectories(directory.resolve("root/bin"));
        Files.createDirectories(directory.resolve("layout"));
        Files.writeString(directory.resolve("layout/oci-layout"), "{}");
        assertThat(at("root")).isEqualTo("dir:" + directory.resolve("root"));
        assertThat(at("layout")).isEqualTo("oci:" + directory.resolve("layout"));
        assertThat(at(".")).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "sif:/a/Ubuntu_22.04.sif,ubuntu_22.04",
        "squashfs:my tools+1.sqsh,my-tools-1",
        "oci:layout,layout",
        "docker-archive:/x/__.tar,my-image",
        "/plain/File.sif,file"
    })
    void nameIsTheFilesAsImagesAreSpelled(String source, String name) {
        assertThat(ImageFile.nameFor(source)).isEqualTo(name);
    }

    private @Nullable String source(String name, String content) throws IOException {
        Files.writeString(directory.resolve(name), content, StandardCharsets.ISO_8859_1);
        return at(name);
    }

    private @Nullable String at(String name) {
        return ImageFile.at(directory.resolve(name).toString()).orElseThrow().source();
    }
}
