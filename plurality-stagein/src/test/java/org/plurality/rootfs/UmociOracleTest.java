package org.plurality.rootfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.layer.UnpackLimits;
import org.plurality.reference.Digest;

/** The same layers unpacked by umoci give the same tree. Wants umoci; PLURALITY_REQUIRE_TOOLS=1 makes its absence a failure. */
class UmociOracleTest {
    @TempDir
    Path scratch;

    @Test
    void layersGiveTheTreeThatUmociMakes() throws Exception {
        boolean present = Stream.of(String.valueOf(System.getenv("PATH")).split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "umoci")));
        if ("1".equals(System.getenv("PLURALITY_REQUIRE_TOOLS"))) {
            assertThat(present).as("umoci is installed (Debian package umoci)").isTrue();
        }
        assumeTrue(present, "umoci is not installed (Debian package umoci)");
        List<byte[]> layers = layers();
        Path layout = layout(layers);
        Path log = scratch.resolve("umoci.log");
        Process umoci = new ProcessBuilder(
                        "umoci", "unpack", "--rootless", "--image", layout + ":t", scratch + "/bundle")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(umoci.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(umoci.exitValue()).as(Files.readString(log)).isZero();

        Path rootfs = scratch.resolve("rootfs");
        try (RootfsWriter writer = RootfsWriter.create(rootfs, Readers.OWNER, UnpackLimits.DEFAULT)) {
            for (int i = 0; i < layers.size(); i++) {
                assertThat(writer.apply(
                                new ByteArrayInputStream(TarBytes.gzip(layers.get(i))),
                                "application/vnd.oci.image.layer.v1.tar+gzip",
                                i))
                        .isEqualTo(Digest.sha256(layers.get(i)));
            }
            writer.finish(new MountPoints(List.of(), List.of(), List.of(), ""), scratch.resolve("files.jsonl.zst"));
        }

        assertThat(tree(rootfs)).isEqualTo(tree(scratch.resolve("bundle/rootfs")));
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

    private Path layout(List<byte[]> layers) throws Exception {
        Path layout = scratch.resolve("layout");
        Path blobs = Files.createDirectories(layout.resolve("blobs/sha256"));
        List<String> descriptors = new ArrayList<>();
        for (byte[] layer : layers) {
            descriptors.add(blob(blobs, "application/vnd.oci.image.layer.v1.tar+gzip", TarBytes.gzip(layer)));
        }
        String diffIds =
                layers.stream().map(layer -> "\"" + Digest.sha256(layer) + "\"").collect(Collectors.joining(","));
        String config =
                "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
                        + diffIds + "]},\"history\":[" + "{},".repeat(layers.size() - 1) + "{}]}";
        String manifest =
                "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":"
                        + blob(blobs, "application/vnd.oci.image.config.v1+json", utf8(config)) + ",\"layers\":["
                        + String.join(",", descriptors) + "]}";
        String entry = blob(blobs, "application/vnd.oci.image.manifest.v1+json", utf8(manifest));
        Files.writeString(
                layout.resolve("index.json"),
                "{\"schemaVersion\":2,\"manifests\":[" + entry.substring(0, entry.length() - 1)
                        + ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"t\"}}]}");
        Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        return layout;
    }

    private static String blob(Path blobs, String mediaType, byte[] content) throws Exception {
        Digest digest = Digest.sha256(content);
        Files.write(blobs.resolve(digest.hex()), content);
        return "{\"mediaType\":\"" + mediaType + "\",\"digest\":\"" + digest + "\",\"size\":" + content.length + "}";
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
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
                        attributes.get("mode") + " " + attributes.get("lastModifiedTime") + " " + content + " = "
                                + link);
            }
        }
        return tree;
    }
}
