// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.plurality.reference.Digest;

/** The program that unpacks images as their specification says. */
final class Umoci {
    private Umoci() {}

    /** Skips the test where umoci is not there; PLURALITY_REQUIRE_TOOLS=1 makes its absence a failure. */
    static void require() {
        boolean present = Stream.of(String.valueOf(System.getenv("PATH")).split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "umoci")));
        if ("1".equals(System.getenv("PLURALITY_REQUIRE_TOOLS"))) {
            assertThat(present).as("umoci is installed (Debian package umoci)").isTrue();
        }
        assumeTrue(present, "umoci is not installed (Debian package umoci)");
    }

    /**
     * Unpacks an image of these layers, as a user without rights would.
     *
     * @param scratch for its files
     * @param layers tars, the lowest first
     * @return its root filesystem
     */
    static Path unpack(Path scratch, List<byte[]> layers) throws IOException, InterruptedException {
        Optional<Path> rootfs = tryToUnpack(scratch, layers);
        assertThat(rootfs).as(Files.readString(scratch.resolve("umoci.log"))).isPresent();
        return rootfs.get();
    }

    /** @return empty when umoci refuses them */
    static Optional<Path> tryToUnpack(Path scratch, List<byte[]> layers) throws IOException, InterruptedException {
        Path bundle = scratch.resolve("bundle");
        Process umoci = new ProcessBuilder(
                        "umoci", "unpack", "--rootless", "--image", layout(scratch, layers) + ":t", bundle.toString())
                .redirectErrorStream(true)
                .redirectOutput(scratch.resolve("umoci.log").toFile())
                .start();
        assertThat(umoci.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return umoci.exitValue() == 0 ? Optional.of(bundle.resolve("rootfs")) : Optional.empty();
    }

    private static Path layout(Path scratch, List<byte[]> layers) throws IOException {
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

    private static String blob(Path blobs, String mediaType, byte[] content) throws IOException {
        Digest digest = Digest.sha256(content);
        Files.write(blobs.resolve(digest.hex()), content);
        return "{\"mediaType\":\"" + mediaType + "\",\"digest\":\"" + digest + "\",\"size\":" + content.length + "}";
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
