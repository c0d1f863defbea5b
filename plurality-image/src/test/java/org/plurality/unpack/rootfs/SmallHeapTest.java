// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.failure.PluralityException;
import org.plurality.json.JsonObject;
import org.plurality.unpack.layer.UnpackLimits;

/** What would fill the memory is refused, in a JVM with 32 MiB of heap and within seconds. */
@Tag("slow")
class SmallHeapTest {
    @TempDir
    private Path scratch;

    @Test
    void bombsAreRefusedInASmallHeap() throws Exception {
        Process process = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-Xmx32m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Bombs.class.getName(),
                        scratch.toString())
                .redirectErrorStream(true)
                .start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        assertThat(process.waitFor()).as(String.join("\n", lines)).isZero();
        assertThat(lines).hasSize(16).allMatch(line -> line.contains(" refused in "));
    }

    /** Prints a line for each bomb. */
    static final class Bombs {
        /** Less than the default, half of the heap, which takes long to delete. */
        private static final UnpackLimits LIMITS = UnpackLimits.DEFAULT.withMaxTreeBytes(2 << 20);

        private Bombs() {}

        public static void main(String[] arguments) throws Exception {
            // First, while the layers do not take the memory that it may have.
            json(("{\"a\":[" + "{},".repeat(1_300_000) + "{}]}").getBytes(StandardCharsets.UTF_8));
            Path scratch = Path.of(arguments[0]);
            Map<String, byte[]> layers = new LinkedHashMap<>();
            for (char type : new char[] {'x', 'g', 'L', 'K'}) {
                String size = TarBytes.octal(4L << 30, 11);
                layers.put(
                        "header " + type,
                        new TarBytes()
                                .raw(TarBytes.header(type, "h", "", 0644, size, "0"))
                                .unended());
            }
            TarBytes links = new TarBytes();
            for (int i = 0; i < 100; i++) {
                links.pax("linkpath", "x".repeat(4000)).symlink("l" + i, "x");
            }
            byte[] some = links.unended();
            TarBytes ofFiles = new TarBytes();
            TarBytes ofDirectories = new TarBytes();
            for (int i = 0; i < 30; i++) {
                ofFiles.pax("SCHILY.xattr.user.x", "x".repeat(60_000)).file("f" + i, "");
                ofDirectories.pax("SCHILY.xattr.user.x", "x".repeat(60_000)).directory("d" + i, 0755);
            }
            for (Way way : Way.values()) {
                for (Map.Entry<String, byte[]> layer : layers.entrySet()) {
                    refuse(way, layer.getKey(), scratch, 1, layer.getValue());
                }
                refuse(way, "targets of links", scratch, 200, some);
                refuse(way, "attributes of files", scratch, 30, ofFiles.unended());
                refuse(way, "attributes of directories", scratch, 30, ofDirectories.unended());
            }
            TarBytes deep = new TarBytes();
            for (int i = 0; i < 40; i++) {
                deep.file(i + "/d".repeat(40) + "/f", "");
            }
            refuse(Way.DIRECTORY, "directories that no entry describes", scratch, 20, deep.unended());
        }

        /** The same tar again and again as layers, each in a directory of its own by a link that is replaced. */
        private static void refuse(Way way, String name, Path scratch, int times, byte[] layer) throws IOException {
            long began = System.nanoTime();
            try {
                switch (way) {
                    case DIRECTORY -> {
                        Path rootfs = Files.createTempDirectory(scratch, "rootfs");
                        try (RootfsWriter writer = RootfsWriter.create(rootfs, ReadPermissions.OWNER, LIMITS)) {
                            for (int i = 0; i < times; i++) {
                                writer.apply(part(i, times, layer), "", i);
                            }
                        }
                    }
                    case ARCHIVE -> {
                        RootfsArchive archive = RootfsArchive.create(new Nowhere(), ReadPermissions.OWNER, LIMITS);
                        for (int i = times - 1; i >= 0; i--) {
                            archive.apply(part(i, times, layer), "", i);
                        }
                        archive.finish(
                                MountPoints.standard(""), scratch.resolve("list-" + began), i -> part(i, times, layer));
                    }
                }
                System.out.println(way + ": " + name + " was taken");
            } catch (PluralityException e) {
                System.out.println(way + ": " + name + " refused in " + (System.nanoTime() - began) / 1_000_000
                        + " ms: " + e.getMessage());
            }
        }

        private static ByteArrayInputStream part(int index, int times, byte[] layer) {
            byte[] link = new TarBytes()
                    .directory("part" + index, 0755)
                    .symlink("now", "part" + index)
                    .unended();
            byte[] moved = new TarBytes().raw(link).raw(below(layer)).unended();
            return new ByteArrayInputStream(times == 1 ? layer : moved);
        }

        /** Both ways to a root filesystem. */
        private enum Way {
            DIRECTORY,
            ARCHIVE
        }

        private static final class Nowhere implements ArchiveTarget {
            @Override
            public OutputStream begin() {
                return OutputStream.nullOutputStream();
            }

            @Override
            public void end(Root root) {}

            @Override
            public void close() {}
        }

        /** Puts {@code now/} before each name. */
        private static byte[] below(byte[] tar) {
            byte[] moved = tar.clone();
            for (int at = 0; at < moved.length; at += 512) {
                boolean isHeader = moved[at + 257] == 'u' && moved[at + 258] == 's';
                if (isHeader && moved[at + 156] != 'x') {
                    byte[] name = new byte[96];
                    System.arraycopy(moved, at, name, 0, 96);
                    System.arraycopy("now/".getBytes(StandardCharsets.US_ASCII), 0, moved, at, 4);
                    System.arraycopy(name, 0, moved, at + 4, 96);
                    byte[] block = java.util.Arrays.copyOfRange(moved, at, at + 512);
                    System.arraycopy(TarBytes.summed(block), 0, moved, at, 512);
                }
            }
            return moved;
        }

        private static void json(byte[] document) {
            long began = System.nanoTime();
            try {
                JsonObject.parse(document);
                System.out.println("values were taken");
            } catch (IOException e) {
                System.out.println(
                        "values refused in " + (System.nanoTime() - began) / 1_000_000 + " ms: " + e.getMessage());
            }
        }
    }
}
