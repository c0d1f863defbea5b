// SPDX-License-Identifier: Apache-2.0
package org.plurality.mpi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.bundle.Bind;
import org.plurality.bundle.HostTools;
import org.plurality.bundle.RootfsView;
import org.plurality.failure.PluralityException;
import org.plurality.host.HostLibraries;
import org.plurality.host.HostParts;
import org.plurality.host.Profile;
import org.plurality.host.SampleElf;

class HostMpiTest {
    private static final String GLIBC = "GLIBC_2.36";

    @TempDir
    private Path directory;

    private Path image;
    private Path node;
    private Map<String, Profile> profiles;

    @BeforeEach
    void openMpiOnBoth() throws Exception {
        image = directory.resolve("image");
        node = directory.resolve("node");
        SampleElf.write(image.resolve("usr/lib/libc.so.6"), "libc.so.6", List.of(), GLIBC);
        SampleElf.write(image.resolve("usr/lib/libmpi.so.40"), "libmpi.so.40", List.of("libopen-pal.so.40"));
        SampleElf.write(node.resolve("libopen-pal.so.40"), "libopen-pal.so.40", List.of("libc.so.6"));
        nodeHas("libmpi.so.40", "libmpi.so.40", "libopen-pal.so.40");
        profiles = Map.of(
                "openmpi",
                new Profile(
                        "openmpi",
                        Map.of(
                                "kind", List.of("mpi"),
                                "sonames", List.of("libmpi.so.40"),
                                "needs", List.of("libopen-pal.so"),
                                "directories", List.of(node.toString()),
                                "environment", List.of("FROM=profile"))));
    }

    @Test
    void theNodesLibraryAndWhatItNeedsCoverTheImages() throws Exception {
        HostParts parts = apply();
        assertThat(parts.librariesBefore()).containsExactly("/.plurality/mpi");
        assertThat(parts.variables()).contains("FROM=profile");
        assertThat(parts.mounts())
                .filteredOn(Bind.class::isInstance)
                .extracting(mount -> mount.destination().toString())
                .contains("/.plurality/mpi/libmpi.so.40", "/.plurality/mpi/libopen-pal.so.40")
                .doesNotContain("/.plurality/mpi/libc.so.6");
    }

    @Test
    void anotherMajorVersionBehindTheNameIsRefused() throws Exception {
        nodeHas("libmpi.so.40", "libmpi.so.80", "libopen-pal.so.40");
        assertRefused("says it is libmpi.so.80, not one of libmpi.so.40");
    }

    @Test
    void anotherFamilyOfTheSameNameIsRefused() throws Exception {
        nodeHas("libmpi.so.40", "libmpi.so.40", "libmpl.so.1");
        assertRefused("of another family than the image's openmpi");
    }

    @Test
    void aNodeWithoutTheFamilyIsRefused() throws Exception {
        Files.delete(node.resolve("libmpi.so.40"));
        assertRefused("the image's MPI is openmpi, and this node has none of libmpi.so.40");
    }

    @Test
    void anImageOfAnUnknownFamilyIsRefusedWithWhatItHas() throws Exception {
        Files.move(image.resolve("usr/lib/libmpi.so.40"), image.resolve("usr/lib/libmpi.so.1"));
        assertRefused("no MPI library that a profile knows: it has libmpi.so.1");
    }

    @Test
    void anImageWithAnOlderGlibcThanTheNodesLibraryNeedsIsRefused() throws Exception {
        SampleElf.write(node.resolve("libmpi.so.40"), "libmpi.so.40", List.of("libopen-pal.so.40"), "GLIBC_2.38");
        assertRefused("needs glibc 2.38, and the image has 2.36");
    }

    @Test
    void anImageWithoutGlibcIsRefused() throws Exception {
        Files.delete(image.resolve("usr/lib/libc.so.6"));
        assertRefused("the image has no glibc");
    }

    @Test
    void theImagesLibraryPathIsLookedIntoFirst() throws Exception {
        Files.move(
                image.resolve("usr/lib/libmpi.so.40"),
                Files.createDirectories(image.resolve("opt/mine")).resolve("libmpi.so.40"));
        assertRefused("no MPI library");
        HostParts parts = new HostParts();
        mpi().apply(profiles, "/opt/mine:relative", false, parts);
        assertThat(parts.librariesBefore()).isNotEmpty();
    }

    private void nodeHas(String file, String soname, String needed) throws Exception {
        SampleElf.write(node.resolve(file), soname, List.of(needed, "libc.so.6"), "GLIBC_2.4");
    }

    private HostParts apply() throws Exception {
        HostParts parts = new HostParts();
        mpi().apply(profiles, "", false, parts);
        return parts;
    }

    private void assertRefused(String why) {
        assertThatThrownBy(this::apply)
                .isInstanceOf(PluralityException.class)
                .hasMessageStartingWith("cannot use the host's MPI: ")
                .hasMessageContaining(why);
    }

    private HostMpi mpi() throws Exception {
        HostTools tools = new HostTools(List.of());
        Path scratch = Files.createDirectories(directory.resolve("scratch"));
        return new HostMpi(new RootfsView(image), tools, scratch, HostLibraries.none());
    }
}
