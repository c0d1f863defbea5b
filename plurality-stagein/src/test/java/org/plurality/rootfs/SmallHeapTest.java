package org.plurality.rootfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.failure.PluralityException;
import org.plurality.json.JsonObject;
import org.plurality.layer.UnpackLimits;

/** What would fill the memory is refused, in a JVM with 32 MiB of heap and within seconds. */
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
        assertThat(lines).hasSize(7).allMatch(line -> line.contains(" refused in "));
    }

    /** Prints a line for each bomb. */
    static final class Bombs {
        /** Less than the default, half of the heap, which takes long to delete. */
        private static final UnpackLimits LIMITS = UnpackLimits.DEFAULT.withMaxTreeBytes(2 << 20);

        private Bombs() {}

        public static void main(String[] arguments) throws Exception {
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
            for (Map.Entry<String, byte[]> layer : layers.entrySet()) {
                refuse(layer.getKey(), scratch, 1, layer.getValue());
            }
            refuse("targets of links", scratch, 200, some);
            TarBytes deep = new TarBytes();
            for (int i = 0; i < 40; i++) {
                deep.file(i + "/d".repeat(40) + "/f", "");
            }
            refuse("directories that no entry describes", scratch, 20, deep.unended());
            json(("{\"a\":[" + "{},".repeat(1_300_000) + "{}]}").getBytes(StandardCharsets.UTF_8));
        }

        /** The same tar again and again as layers, each in a directory of its own by a link that is replaced. */
        private static void refuse(String name, Path scratch, int times, byte[] layer) throws IOException {
            long began = System.nanoTime();
            Path rootfs = Files.createTempDirectory(scratch, "rootfs");
            try (RootfsWriter writer = RootfsWriter.create(rootfs, Readers.OWNER, LIMITS)) {
                for (int i = 0; i < times; i++) {
                    byte[] link = new TarBytes()
                            .directory("part" + i, 0755)
                            .symlink("now", "part" + i)
                            .unended();
                    byte[] moved = new TarBytes().raw(link).raw(below(layer)).unended();
                    writer.apply(new ByteArrayInputStream(times == 1 ? layer : moved), "", i);
                }
                System.out.println(name + " was taken");
            } catch (PluralityException e) {
                System.out.println(
                        name + " refused in " + (System.nanoTime() - began) / 1_000_000 + " ms: " + e.getMessage());
            }
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
