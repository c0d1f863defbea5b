// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.unpack.layer.UnpackLimits;
import org.plurality.unpack.squashfs.SquashfsRunner;

/** The merged tar holds the tree that {@link RootfsWriter} unpacks: made into a squashfs, and read back. */
class RootfsArchiveTest {
    @TempDir
    private Path scratch;

    record Case(String name, boolean begunAnew, List<byte[]> layers) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        List<Case> cases = new ArrayList<>();
        cases.add(new Case("no layers", false, List.of()));
        cases.add(once("no root", new TarBytes().file("a", "x")));
        cases.add(once(
                "root as it is not usual",
                new TarBytes().directory("./", 0751).file("./usr/a", "x").directory("./usr", 0700)));
        cases.add(once(
                "hard links",
                new TarBytes()
                        .file("b/z", "x")
                        .hardLink("a", "b/z")
                        .hardLink("c", "a")
                        .symlink("s", "a")
                        .hardLink("t", "s")));
        cases.add(once(
                "long names, links and large owners",
                new TarBytes()
                        .pax("path", "d/" + "n".repeat(255))
                        .file("x", "x")
                        .pax("uid", "4000000000")
                        .file("y", "x")
                        .pax("linkpath", "t".repeat(4000))
                        .symlink("s", "x")
                        .pax("linkpath", "d/" + "n".repeat(255))
                        .hardLink("h", "x")));
        cases.add(once("names that are not UTF-8", new TarBytes().file("\u00ff\u00fe", "x")));
        cases.add(once(
                "names with spaces, newlines and dashes",
                new TarBytes().file("-e", "x").file("a b\nc", "x").file("*", "y")));
        cases.add(once(
                "whiteouts",
                new TarBytes().file("a/b", "1").file("a/c", "2").file("d/e", "3"),
                new TarBytes().file("a/.wh.b", "").file(".wh.d", ""),
                new TarBytes().file("d/f", "4").directory("a", 0700)));
        cases.add(once(
                "opaque",
                new TarBytes().file("a/b", "1").directory("a/k", 0711).file("a/k/l", "2"),
                new TarBytes().file("a/.wh..wh..opq", "").directory("a/k", 0755).file("a/k/m", "3")));
        cases.add(once(
                "a hard link to a file that a higher layer replaces",
                new TarBytes().file("a", "1").file("other", "2"),
                new TarBytes().hardLink("b", "a"),
                new TarBytes().file("a", "3")));
        cases.add(once(
                "a hard link to a lower layer",
                new TarBytes().file("usr/a", "1"),
                new TarBytes().hardLink("b", "usr/a")));
        cases.add(once(
                "a link to a file at a mount point",
                new TarBytes()
                        .file("nix/store/a/passwd", "root")
                        .symlink("etc/passwd", "/nix/store/a/passwd")
                        .symlink("etc/group", "passwd")
                        .symlink("etc/hosts", "nowhere")));
        cases.add(once(
                "names that leave a directory again",
                new TarBytes().directory("a/b", 0755).file("a/b/../../f", "x").hardLink("g", "a/../f")));
        cases.add(anew(
                "file, directory, file",
                new TarBytes().file("a/b", "1"),
                new TarBytes().file("a", "2"),
                new TarBytes().directory("a", 0755).file("a/c", "3")));
        cases.add(anew("a file twice", new TarBytes().file("a", "1").file("a", "2")));
        cases.add(anew(
                "through a lower layer's link",
                new TarBytes()
                        .directory("usr/lib", 0755)
                        .symlink("lib", "usr/lib")
                        .file("usr/lib/a", "1"),
                new TarBytes().file("lib/b", "2")));
        cases.add(anew(
                "a file over a mount point",
                new TarBytes().file("proc", "1").file("etc", "2").file("x", "3")));
        cases.add(anew(
                "a file that a directory replaces",
                new TarBytes().file("a", "1"),
                new TarBytes().directory("a", 0700).file("a/b", "2")));
        return cases.stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void squashfsHoldsTheTreeOfTheDirectory(Case one) throws Exception {
        int begun = bothWays(one.layers());
        assertThat(begun).isEqualTo(one.begunAnew() ? 2 : 1);
    }

    /** Names from a small set, so that they meet: most of the ways in which layers can be at odds come up. */
    @Tag("slow")
    @Test
    void squashfsHoldsTheTreeOfTheDirectoryWhateverTheLayers() throws Exception {
        int applied = 0;
        for (int seed = 0; seed < 150; seed++) {
            scratchOut();
            List<byte[]> layers = RandomLayers.make(new Random(seed));
            try {
                bothWays(layers);
                applied++;
            } catch (PluralityException e) {
                assertThat(e.kind()).isEqualTo(FailureKind.INTEGRITY);
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertThat(applied).isGreaterThan(20);
    }

    @Test
    void listIsThatOfTheDirectory() throws Exception {
        bothWays(List.of(
                new TarBytes().file("a", "1").hardLink("b", "a").end(),
                new TarBytes().symlink("l", "a").file("d/e", "2").end()));
        assertThat(Files.readAllBytes(scratch.resolve("list-squashfs")))
                .isEqualTo(Files.readAllBytes(scratch.resolve("list-dir")));
    }

    @Test
    void attributesOfUsersAreInTheSquashfs() throws Exception {
        bothWays(List.of(new TarBytes()
                .pax("SCHILY.xattr.user.origin", "a lab")
                .directory("d", 0755)
                .pax("SCHILY.xattr.user.origin", "a file's")
                .file("d/f", "1")
                .end()));
        for (String path : List.of("d", "d/f")) {
            UserDefinedFileAttributeView view = Files.getFileAttributeView(
                    scratch.resolve("unsquashed").resolve(path), UserDefinedFileAttributeView.class);
            assertThat(view.list()).containsExactly("origin");
        }
    }

    @Test
    void makerThatGivesUpIsAFailureOfTheStorage() throws Exception {
        ArchiveTarget full = new ArchiveTarget() {
            @Override
            public OutputStream begin() {
                return new OutputStream() {
                    @Override
                    public void write(int one) throws IOException {
                        throw new IOException("Broken pipe");
                    }
                };
            }

            @Override
            public void end(Root root) throws PluralityException {
                throw PluralityException.storage("cannot write x", new IOException("No space left on device"));
            }

            @Override
            public void close() {}
        };
        RootfsArchive archive = RootfsArchive.create(full, ReadPermissions.OWNER, UnpackLimits.DEFAULT);
        byte[] layer = new TarBytes()
                .entry('0', "big", "", 0644, new byte[1 << 20])
                .entry('0', "big2", "", 0644, new byte[1 << 20])
                .end();
        archive.apply(new ByteArrayInputStream(layer), "", 0);
        assertThatThrownBy(() -> archive.finish(MountPoints.standard(""), scratch.resolve("l"), _ -> {
                    throw new IOException("not to be read again");
                }))
                .isInstanceOfSatisfying(
                        PluralityException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.STORAGE));
    }

    /** How often the tar was begun. Both refuse the layers, or both make the same of them. */
    private int bothWays(List<byte[]> layers) throws Exception {
        PluralityException refused = null;
        UnpackSummary directory = null;
        try (RootfsWriter writer =
                RootfsWriter.create(scratch.resolve("rootfs"), ReadPermissions.OWNER, UnpackLimits.DEFAULT)) {
            for (int i = 0; i < layers.size(); i++) {
                writer.apply(new ByteArrayInputStream(layers.get(i)), "", i);
            }
            directory = writer.finish(MountPoints.standard("/work"), scratch.resolve("list-dir"));
        } catch (PluralityException e) {
            refused = e;
        }
        try (SquashfsRunner runner = new SquashfsRunner(scratch.resolve("image.squashfs"), scratch)) {
            RootfsArchive archive = RootfsArchive.create(runner, ReadPermissions.OWNER, UnpackLimits.DEFAULT);
            for (int i = layers.size() - 1; i >= 0; i--) {
                archive.apply(new ByteArrayInputStream(layers.get(i)), "", i);
            }
            UnpackSummary summary = archive.finish(
                    MountPoints.standard("/work"),
                    scratch.resolve("list-squashfs"),
                    layer -> new ByteArrayInputStream(layers.get(layer)));
            assertThat(refused).isNull();
            assertThat(summary).isEqualTo(directory);
            assertThat(Trees.of(runner.unsquash(scratch.resolve("unsquashed"))))
                    .isEqualTo(Trees.of(scratch.resolve("rootfs")));
            return runner.begun();
        } catch (PluralityException e) {
            assertThat(refused).as(e.getMessage()).isNotNull();
            throw e;
        }
    }

    private void scratchOut() throws IOException {
        try (Stream<Path> children = Files.list(scratch)) {
            for (Path child : (Iterable<Path>) children::iterator) {
                org.plurality.cache.DurableFiles.deleteTree(child);
            }
        }
    }

    private static Case once(String name, TarBytes... layers) {
        return new Case(name, false, Stream.of(layers).map(TarBytes::end).toList());
    }

    private static Case anew(String name, TarBytes... layers) {
        return new Case(name, true, Stream.of(layers).map(TarBytes::end).toList());
    }
}
