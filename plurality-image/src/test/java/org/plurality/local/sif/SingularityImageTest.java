// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.sif;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.plurality.display.Notes;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.image.ImageReader;
import org.plurality.image.Manifest;
import org.plurality.local.squashfs.SquashTree;
import org.plurality.local.tree.DirectoryTree;
import org.plurality.local.tree.TreeConfig;
import org.plurality.local.tree.TreeImage;
import org.plurality.posix.ByteString;
import org.plurality.reference.Platform;
import org.plurality.unpack.layer.TarEntry;
import org.plurality.unpack.layer.TarReader;
import org.plurality.unpack.layer.UnpackLimits;
import org.plurality.unpack.layer.Xattr;

/** Trees, real squashfs files of them, and SIF files made by their specification. */
class SingularityImageTest {
    private static final Platform AMD64 = Platform.parse("linux/amd64");
    private static final UnpackLimits LIMITS = UnpackLimits.DEFAULT.withMaxEntries(1000);

    @TempDir
    Path root;

    private final Notes notes = new Notes();

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "lzma", "lzo", "xz", "lz4", "zstd"})
    void directoryAndSquashfsOfItAreOneImage(String compressor) throws Exception {
        Path tree = tree();
        Manifest.Image expected = manifest(new TreeImage(new DirectoryTree(tree, 64), TreeConfig.bare(AMD64), "d"));
        Path file = squashfs(tree, "-comp", compressor, "-b", "16K");
        Manifest.Image read = manifest(new TreeImage(SquashTree.open(file, LIMITS), TreeConfig.bare(AMD64), "s"));
        assertThat(read.bytes()).isEqualTo(expected.bytes());
        assertThat(read.layers().getFirst().bytes()).isGreaterThan(300_000);
    }

    @Test
    void fileWithoutFragmentsOrCompressionIsTheSame() throws Exception {
        Path tree = tree();
        Manifest.Image expected = manifest(new TreeImage(new DirectoryTree(tree, 64), TreeConfig.bare(AMD64), "d"));
        for (List<String> options : List.of(
                List.of("-no-fragments"),
                List.of("-noI", "-noD", "-noF"),
                List.of("-always-use-fragments", "-b", "1M"))) {
            Path file = squashfs(tree, options.toArray(String[]::new));
            assertThat(manifest(new TreeImage(SquashTree.open(file, LIMITS), TreeConfig.bare(AMD64), "s"))
                            .bytes())
                    .as(options.toString())
                    .isEqualTo(expected.bytes());
        }
    }

    @Test
    void layerIsWhatTheManifestSaysOrRefused() throws Exception {
        Path tree = tree();
        try (ImageReader reader = new TreeImage(new DirectoryTree(tree, 64), TreeConfig.bare(AMD64), "dir:t")) {
            Manifest.Image image = (Manifest.Image) reader.manifest();
            long[] bytes = {0};
            reader.layer(image.layers().getFirst(), (_, length) -> bytes[0] += length);
            assertThat(bytes[0]).isEqualTo(image.layers().getFirst().bytes());
            Files.writeString(tree.resolve("new"), "x");
            assertThatThrownBy(() -> reader.layer(image.layers().getFirst(), (_, _) -> {}))
                    .hasMessageContaining("it changed while it was read");
        }
    }

    @Test
    void depthAndEntriesAreBounded() throws Exception {
        Path tree = tree();
        assertThatThrownBy(() -> manifest(new TreeImage(new DirectoryTree(tree, 1), TreeConfig.bare(AMD64), "d")))
                .hasMessageContaining("deep");
        Path file = squashfs(tree);
        UnpackLimits few = LIMITS.withMaxEntries(3);
        assertThatThrownBy(() -> manifest(new TreeImage(SquashTree.open(file, few), TreeConfig.bare(AMD64), "d")))
                .isInstanceOfSatisfying(
                        PluralityException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.INTEGRITY))
                .hasMessageContaining("more than 3");
        UnpackLimits small = LIMITS.withMaxBytes(1000);
        assertThatThrownBy(() -> manifest(new TreeImage(SquashTree.open(file, small), TreeConfig.bare(AMD64), "d")))
                .hasMessageContaining("more than 1000 bytes");
    }

    /** Whatever is broken in it: an image, or a refusal with words, and in bounded time. */
    @Tag("slow")
    @ParameterizedTest
    @ValueSource(strings = {"-noI -noF -b 16K", "-comp lzo -noI", "-comp lz4 -noI", "-comp lzma -noI"})
    void damagedSquashfsIsRefusedOrRead(String options) throws Exception {
        byte[] whole = Files.readAllBytes(squashfs(tree(), options.split(" ")));
        Random random = new Random(11);
        for (int round = 0; round < 400; round++) {
            byte[] damaged = whole.clone();
            int from = round % 3 == 0 ? 0 : round % 3 == 1 ? whole.length * 9 / 10 : 0;
            int span = round % 3 == 0 ? 96 : whole.length - from;
            for (int i = 0; i <= round % 7; i++) {
                damaged[from + random.nextInt(span)] = (byte) random.nextInt();
            }
            Path file = Files.write(
                    root.resolve("damaged"), round % 50 == 0 ? Arrays.copyOf(damaged, whole.length / 2) : damaged);
            try (ImageReader reader =
                    new TreeImage(SquashTree.open(file, LIMITS.withMaxBytes(10 << 20)), TreeConfig.bare(AMD64), "s")) {
                assertThat(reader.manifest()).isNotNull();
            } catch (PluralityException e) {
                assertThat(e.kind()).as(e.getMessage()).isEqualTo(FailureKind.INTEGRITY);
            } catch (org.plurality.unpack.layer.LayerFormatException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }

    /** enroot compresses by LZO, but not the data. */
    @Test
    void squashfsOfEnrootsFormIsRead() throws Exception {
        Path tree = tree();
        Manifest.Image expected = manifest(new TreeImage(new DirectoryTree(tree, 64), TreeConfig.bare(AMD64), "d"));
        Path file = squashfs(tree, "-comp", "lzo", "-noD", "-no-xattrs");
        assertThat(manifest(new TreeImage(SquashTree.open(file, LIMITS), TreeConfig.bare(AMD64), "s"))
                        .bytes())
                .isEqualTo(expected.bytes());
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "lzo"})
    void attributesOfUsersAreKept(String compressor) throws Exception {
        Path tree = tree();
        byte[] binary = {0, (byte) 0xff, '\n', '='};
        for (Path path : List.of(tree, tree.resolve("usr"), tree.resolve("hard"))) {
            UserDefinedFileAttributeView view = Files.getFileAttributeView(path, UserDefinedFileAttributeView.class);
            view.write("zeta", ByteBuffer.wrap(binary));
            view.write("alpha", ByteBuffer.wrap(utf8("a".repeat(3000))));
        }
        for (int i = 0; i < 600; i++) {
            Files.getFileAttributeView(tree.resolve("usr/share/a/file-" + i % 300), UserDefinedFileAttributeView.class)
                    .write("n" + i, ByteBuffer.wrap(utf8(i % 2 == 0 ? "same".repeat(40) : "value " + i)));
        }
        Manifest.Image expected = manifest(new TreeImage(new DirectoryTree(tree, 64), TreeConfig.bare(AMD64), "d"));
        Path file = squashfs(tree, "-comp", compressor);
        try (ImageReader reader = new TreeImage(SquashTree.open(file, LIMITS), TreeConfig.bare(AMD64), "s")) {
            Manifest.Image image = (Manifest.Image) reader.manifest();
            assertThat(image.bytes()).isEqualTo(expected.bytes());
            ByteArrayOutputStream tar = new ByteArrayOutputStream();
            reader.layer(image.layers().getFirst(), (bytes, length) -> tar.write(bytes, 0, length));
            TarReader entries = new TarReader(new ByteArrayInputStream(tar.toByteArray()), LIMITS);
            Map<String, List<Xattr>> xattrs = new HashMap<>();
            for (TarEntry entry = entries.next(); entry != null; entry = entries.next()) {
                xattrs.put(entry.name().toString(), entry.xattrs());
            }
            List<Xattr> both = List.of(
                    new Xattr(ByteString.utf8("user.alpha"), ByteString.utf8("a".repeat(3000))),
                    new Xattr(ByteString.utf8("user.zeta"), ByteString.copyOf(binary)));
            assertThat(xattrs)
                    .containsEntry("./", both)
                    .containsEntry("usr/", both)
                    .containsEntry("hard", both);
            assertThat(xattrs.get("usr/share/a/file-299")).hasSize(2);
        }
    }

    @Test
    void sifHasItsEnvironmentRunscriptAndLabels() throws Exception {
        Path tree = tree();
        Path meta = Files.createDirectories(tree.resolve(".singularity.d/env"));
        Files.writeString(meta.resolve("01-base.sh"), "BASE=1\n");
        Files.writeString(
                meta.resolve("10-docker2singularity.sh"),
                "#!/bin/sh\nexport PATH=\"${PATH:-\"/opt/bin:/usr/bin\"}\"\nexport QUOTE=\"${QUOTE:-\"a \\\"b\\\" \\$c\"}\"\n");
        Files.writeString(meta.resolve("90-environment.sh"), """
                #!/bin/sh
                # Custom
                    export PATH=/mpi/bin:$PATH
                  ONE='1 2'; export ONE
                if [ x ]; then
                  export NO=1
                fi
                export RUN=$(id)
                export LATE="${NOSUCH}"
                """);
        Files.writeString(meta.resolve("../runscript").normalize(), "#!/bin/sh\nexec hello\n");
        Files.writeString(meta.resolve("../labels.json").normalize(), "{\"b\":\"2\",\"a\":\"1\"}");
        Path sif = sif(Files.readAllBytes(squashfs(tree)), 1, 2, "02");
        try (ImageReader reader = SingularityImage.open(sif, AMD64, LIMITS, notes, "sif:x")) {
            Manifest.Image image = (Manifest.Image) reader.manifest();
            assertThat(new String(reader.config(image.config()), StandardCharsets.UTF_8))
                    .contains(
                            "\"Env\":[\"PATH=/mpi/bin:/opt/bin:/usr/bin\",\"QUOTE=a \\\"b\\\" $c\",\"ONE=1 2\",\"LATE=\"]")
                    .contains("\"Entrypoint\":[\"/bin/sh\",\"/.singularity.d/runscript\"]")
                    .contains("\"Labels\":{\"a\":\"1\",\"b\":\"2\"}");
        }
        assertThat(notes.text())
                .contains("NO in a branch, loop or function: NO=1")
                .contains("RUN, whose value is the output of a command")
                .contains("LATE refers to NOSUCH");
    }

    @Test
    void overlayOfASifIsNamed() throws Exception {
        byte[] whole = Files.readAllBytes(sif(Files.readAllBytes(squashfs(tree())), 1, 2, "02"));
        ByteBuffer sif = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN);
        sif.putLong(88, 2);
        sif.putInt(128 + 585, 0x4004).put(128 + 585 + 4, (byte) 1);
        sif.putInt(128 + 2 * 585 - 384, 2).putInt(128 + 2 * 585 - 384 + 4, 4);
        Path file = Files.write(root.resolve("overlay.sif"), whole);
        SingularityImage.open(file, AMD64, LIMITS, notes, "sif:x").close();
        assertThat(notes.text()).contains("left out the writable overlay in sif:x");
    }

    @Test
    void bareSifIsTheSameImageAsItsTree() throws Exception {
        Path tree = tree();
        Path sif = sif(Files.readAllBytes(squashfs(tree)), 1, 2, "02");
        assertThat(manifest(SingularityImage.open(sif, AMD64, LIMITS, notes, "sif:x"))
                        .digest())
                .isEqualTo(manifest(new TreeImage(new DirectoryTree(tree, 64), TreeConfig.bare(AMD64), "d"))
                        .digest());
    }

    @ParameterizedTest
    @CsvSource({
        "5,2,02,encrypted,INTEGRITY",
        "2,2,02,ext3,INTEGRITY",
        "4,2,02,kind 4,INTEGRITY",
        "1,3,02,no root filesystem,INTEGRITY",
        "1,2,04,linux/arm64,NOT_FOUND",
        "1,2,77,architecture,INTEGRITY"
    })
    void otherPartitionsAreRefusedClearly(
            int filesystem, int kind, String architecture, String why, FailureKind failure) throws Exception {
        Path sif = sif(new byte[5000], filesystem, kind, architecture);
        assertThatThrownBy(() -> SingularityImage.open(sif, AMD64, LIMITS, notes, "sif:x"))
                .isInstanceOfSatisfying(PluralityException.class, e -> {
                    assertThat(e.kind()).isEqualTo(failure);
                    assertThat(e).hasMessageContaining(why).hasMessageContaining("sif:x");
                });
    }

    @Test
    void damagedSifIsRefused() throws Exception {
        byte[] whole = Files.readAllBytes(sif(Files.readAllBytes(squashfs(tree())), 1, 2, "02"));
        List<byte[]> damaged = new ArrayList<>();
        for (int length : new int[] {0, 31, 127, 128, 500, 5000}) {
            damaged.add(Arrays.copyOf(whole, length));
        }
        for (int at : new int[] {32, 42, 88, 96, 128 + 17, 128 + 25}) {
            for (long value : new long[] {-1, Long.MAX_VALUE, 1L << 40}) {
                byte[] other = whole.clone();
                ByteBuffer.wrap(other).order(ByteOrder.LITTLE_ENDIAN).putLong(at, value);
                damaged.add(other);
            }
        }
        for (byte[] bytes : damaged) {
            Path file = Files.write(root.resolve("damaged.sif"), bytes);
            assertThatThrownBy(() -> SingularityImage.open(file, AMD64, LIMITS, notes, "sif:x"))
                    .isInstanceOfSatisfying(
                            PluralityException.class,
                            e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(FailureKind.INTEGRITY));
        }
        assertThatThrownBy(() -> SingularityImage.open(root.resolve("none"), AMD64, LIMITS, notes, "sif:x"))
                .isInstanceOfSatisfying(
                        PluralityException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.NOT_FOUND));
    }

    private static Manifest.Image manifest(ImageReader reader) throws PluralityException {
        try (reader) {
            return (Manifest.Image) reader.manifest();
        }
    }

    /** Long and odd names, links, a hole, an empty file, one larger than a block, a pipe. */
    private Path tree() throws Exception {
        Path tree = Files.createDirectories(root.resolve("tree" + System.nanoTime()));
        Path deep = Files.createDirectories(tree.resolve("usr/share/a"));
        byte[] content = new byte[300_001];
        new Random(5).nextBytes(content);
        Files.write(deep.resolve("large"), content);
        Files.write(deep.resolve("n".repeat(200)), new byte[16 << 10]);
        Files.createFile(deep.resolve("empty"));
        Files.writeString(deep.resolve("ü"), "small");
        Files.createLink(tree.resolve("hard"), deep.resolve("large"));
        Files.createSymbolicLink(tree.resolve("bin"), Path.of("usr/bin"));
        Files.createSymbolicLink(tree.resolve("long"), Path.of("x".repeat(300)));
        for (int i = 0; i < 300; i++) {
            Files.writeString(deep.resolve("file-" + i), "content " + i);
        }
        run(List.of("mkfifo", tree.resolve("pipe").toString()));
        Files.setAttribute(tree.resolve("hard"), "unix:mode", 04755);
        return tree;
    }

    private Path squashfs(Path tree, String... options) throws Exception {
        Path file = root.resolve("image" + System.nanoTime() + ".sqsh");
        List<String> command =
                new ArrayList<>(List.of("mksquashfs", tree.toString(), file.toString(), "-noappend", "-quiet"));
        command.addAll(List.of(options));
        run(command);
        return file;
    }

    private static void run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor()).as(command.toString()).isZero();
    }

    private Path sif(byte[] squashfs, int filesystem, int kind, String architecture) throws Exception {
        ByteBuffer sif = ByteBuffer.allocate(8192 + squashfs.length).order(ByteOrder.LITTLE_ENDIAN);
        sif.put(utf8("#!/usr/bin/env run-singularity\n")).position(32);
        sif.put(utf8("SIF_MAGIC\0")).put(utf8("01\0")).put(utf8("02\0")).position(64);
        sif.putLong(1)
                .putLong(1)
                .putLong(7)
                .putLong(8)
                .putLong(128)
                .putLong(8 * 585L)
                .putLong(8192);
        sif.putLong(squashfs.length);
        sif.putInt(0x4004).put((byte) 1).putInt(1).putInt(0xf0000001).putInt(0);
        sif.putLong(8192).putLong(squashfs.length).putLong(squashfs.length);
        sif.position(128 + 585 - 384);
        sif.putInt(filesystem).putInt(kind).put(utf8(architecture));
        sif.position(8192);
        sif.put(squashfs);
        return Files.write(root.resolve("image" + System.nanoTime() + ".sif"), sif.array());
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
