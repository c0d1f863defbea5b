// SPDX-License-Identifier: Apache-2.0
package org.plurality.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostLibrariesTest {
    private static final List<String> LISTING = List.of(
            "3 libs found in cache `/etc/ld.so.cache'",
            "\tlibmpi.so.40 (libc6,x86-64) => /lib/x86_64-linux-gnu/libmpi.so.40",
            "\tlibmpi.so.40 (libc6) => /lib/i386-linux-gnu/libmpi.so.40",
            "\tlibmpi_usempi.so.40 (libc6,x86-64) => /lib/x86_64-linux-gnu/libmpi_usempi.so.40");

    @TempDir
    private Path directory;

    @Test
    void onlyThisArchitecturesCount() throws IOException {
        HostLibraries host = HostLibraries.parse(LISTING, "x86-64");
        assertThat(host.find("libmpi.so.40", List.of()))
                .containsEntry("libmpi.so.40", Path.of("/lib/x86_64-linux-gnu/libmpi.so.40"))
                .hasSize(1);
    }

    @Test
    void patternsFindSeveralAndNamedDirectoriesComeFirst() throws IOException {
        Path own = Files.createFile(directory.resolve("libmpi.so.40"));
        HostLibraries host = HostLibraries.parse(LISTING, "x86-64");
        assertThat(host.find("libmpi*.so.*", List.of(directory.toString())))
                .containsEntry("libmpi.so.40", own)
                .containsEntry("libmpi_usempi.so.40", Path.of("/lib/x86_64-linux-gnu/libmpi_usempi.so.40"))
                .hasSize(2);
    }
}
