// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.plurality.reference.Digest;
import org.plurality.unpack.layer.UnpackLimits;

/** The same layers unpacked by umoci give the same tree. */
class UmociOracleTest {
    @TempDir
    Path scratch;

    @Test
    void layersGiveTheTreeThatUmociMakes() throws Exception {
        Umoci.require();
        List<byte[]> layers = layers();
        Path expected = Umoci.unpack(scratch, layers);

        Path rootfs = unpack(layers);
        assertThat(tree(rootfs)).isEqualTo(tree(expected));
    }

    static Stream<HostileLayersTest.Case> appliedOnce() {
        return HostileLayersTest.casesOnce().filter(HostileLayersTest.Case::applied);
    }

    /** How a tree differs from umoci's on purpose, by what was done. */
    private static final Map<String, Consumer<Map<String, String>>> DIFFERENT = Map.of(
            "aufs leftovers", tree -> tree.keySet().removeIf(path -> path.startsWith(".wh.")),
            "special 3", tree -> tree.keySet().removeAll(Set.of("s", "h")),
            "special 4", tree -> tree.keySet().removeAll(Set.of("s", "h")),
            "special 6", tree -> tree.keySet().removeAll(Set.of("s", "h")),
            "setuid and setgid", tree -> tree.computeIfPresent("s", (path, file) -> file.replace("106755 ", "100755 ")),
            "directory of mode 000",
                    tree -> tree.computeIfPresent("d", (path, file) -> file.replace("40000 ", "40700 ")),
            "pax time before 1970",
                    tree -> tree.computeIfPresent(
                            "c", (path, file) -> file.replace("1969-12-31T23:59:58.5Z", "1970-01-01T00:00:00Z")));

    /** What umoci refuses, and the file that is made of it. */
    private static final Map<String, String> REFUSED_BY_UMOCI =
            Map.of("hard link to itself", "a", "capability", "c", "pax time far off", "c");

    @ParameterizedTest(name = "{0}")
    @MethodSource("appliedOnce")
    void hostileLayersThatAreAppliedGiveTheTreeThatUmociMakes(HostileLayersTest.Case hostile) throws Exception {
        Umoci.require();
        Path rootfs = unpack(hostile.layers());
        String file = REFUSED_BY_UMOCI.get(hostile.name());
        if (file != null) {
            assertThat(Umoci.tryToUnpack(scratch, hostile.layers())).isEmpty();
            assertThat(tree(rootfs).keySet()).containsExactly("", file);
            assertThat(Trees.of(rootfs).get(file))
                    .startsWith("100644 ")
                    .contains(Digest.sha256(new byte[] {'x'}).hex());
            return;
        }
        Map<String, String> expected = withoutTimesOfDirectories(tree(Umoci.unpack(scratch, hostile.layers())));
        Map<String, String> asUmoci = new TreeMap<>(expected);
        DIFFERENT.getOrDefault(hostile.name(), tree -> {}).accept(expected);
        assertThat(!expected.equals(asUmoci)).isEqualTo(DIFFERENT.containsKey(hostile.name()));
        assertThat(withoutTimesOfDirectories(tree(rootfs))).isEqualTo(expected);
    }

    /** Those that no entry describes, or that change after theirs, have the time of the unpacking in umoci's. */
    private static Map<String, String> withoutTimesOfDirectories(Map<String, String> tree) {
        tree.replaceAll((path, file) -> file.replaceFirst("^(4[0-7]{4}) [^ ]+ ", "$1 "));
        return tree;
    }

    private Path unpack(List<byte[]> layers) throws Exception {
        Path rootfs = scratch.resolve("rootfs");
        try (RootfsWriter writer = RootfsWriter.create(rootfs, ReadPermissions.OWNER, UnpackLimits.DEFAULT)) {
            for (int i = 0; i < layers.size(); i++) {
                assertThat(writer.apply(
                                new ByteArrayInputStream(TarBytes.gzip(layers.get(i))),
                                "application/vnd.oci.image.layer.v1.tar+gzip",
                                i))
                        .isEqualTo(Digest.sha256(layers.get(i)));
            }
            writer.finish(new MountPoints(List.of(), List.of(), List.of(), ""), scratch.resolve("files.jsonl.zst"));
        }
        return rootfs;
    }

    private static List<byte[]> layers() {
        List<byte[]> layers = new ArrayList<>();
        layers.add(new TarBytes()
                .directory("./", 0755)
                .directory("usr/", 0755)
                .directory("usr/lib/", 0750)
                .symlink("lib", "usr/lib")
                .file("usr/lib/a", "a")
                .hardLink("usr/lib/a2", "usr/lib/a")
                .directory("gone/", 0755)
                .file("gone/x", "x")
                .directory("opaque/", 0755)
                .file("opaque/low", "low")
                .directory("opaque/kept/", 0755)
                .file("opaque/kept/low", "low")
                .file("becomes-directory", "f")
                .directory("becomes-file/", 0755)
                .file("becomes-file/x", "x")
                .directory("tmp/", 01777)
                .file("whited", "w")
                .pax("path", "long/" + "n".repeat(200))
                .file("short", "long")
                .directory("long/", 0755)
                .end());
        layers.add(new TarBytes()
                .file("lib/b", "through a link")
                .file("opaque/before", "before")
                .file("opaque/.wh..wh..opq", "")
                .file("opaque/after", "after")
                .directory("opaque/", 0711)
                .directory("opaque/kept/", 0700)
                .file("opaque/kept/high", "high")
                .file(".wh.gone", "")
                .file(".wh.whited", "")
                .directory("becomes-directory/", 0700)
                .file("becomes-directory/y", "y")
                .file("becomes-file", "file")
                .file("usr/lib/a", "a replaced: a2 keeps the old one")
                .end());
        layers.add(new TarBytes()
                .directory("gone/", 0755)
                .file("gone/new", "again")
                .hardLink("a3", "lib/a2")
                .file("empty", "")
                .directory("usr/", 0755)
                .directory("usr/lib/", 0750)
                .directory("./", 0755)
                .end());
        return layers;
    }

    private static Map<String, String> tree(Path root) throws Exception {
        Map<String, String> tree = new TreeMap<>();
        Map<Object, String> first = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : (Iterable<Path>) files.sorted()::iterator) {
                String path = root.relativize(file).toString();
                Map<String, Object> attributes =
                        Files.readAttributes(file, "unix:mode,ino,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
                String content = Files.isSymbolicLink(file)
                        ? Files.readSymbolicLink(file).toString()
                        : Files.isRegularFile(file) ? Files.readString(file) : "";
                String link = first.computeIfAbsent(attributes.get("ino"), ignored -> path);
                tree.put(
                        path,
                        Integer.toOctalString((Integer) Objects.requireNonNull(attributes.get("mode"))) + " "
                                + attributes.get("lastModifiedTime") + " " + content + " = " + link);
            }
        }
        return tree;
    }
}
