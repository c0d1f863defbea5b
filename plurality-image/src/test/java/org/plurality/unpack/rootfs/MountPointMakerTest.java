// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.unpack.layer.UnpackLimits;

/** Whatever an image has at a mount point, the container finds a real directory or file there, and nothing outside changes. */
class MountPointMakerTest {
    private static final List<String> FILES = List.of("etc/resolv.conf", "etc/hosts", "etc/passwd", "etc/group");

    @TempDir
    private Path scratch;

    static Stream<Arguments> obstacles() {
        List<String> places =
                new ArrayList<>(List.of("proc", "sys", "dev", "tmp", ".plurality", ".plurality/lib", "etc"));
        places.addAll(FILES);
        List<Arguments> obstacles = new ArrayList<>();
        for (String place : places) {
            obstacles.add(Arguments.of(place, "file", new TarBytes().file(place, "x")));
            obstacles.add(Arguments.of(place, "fifo", new TarBytes().entry('6', place, "", 0666, new byte[0])));
            obstacles.add(Arguments.of(place, "device", new TarBytes().entry('3', place, "", 0666, new byte[0])));
            obstacles.add(Arguments.of(place, "directory", new TarBytes().directory(place, 0)));
            for (String target :
                    List.of("../../canary", "/canary", "/", ".", "nowhere", "/a/b/c", "hosts", "/bin/file")) {
                obstacles.add(Arguments.of(
                        place,
                        "link to " + target,
                        new TarBytes().file("bin/file", "x").symlink(place, target)));
            }
            obstacles.add(Arguments.of(place, "link to itself", new TarBytes().symlink(place, "/" + place)));
        }
        return obstacles.stream();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("obstacles")
    void everyMountPointIsReal(String place, String kind, TarBytes tar) throws Exception {
        Path canary = Files.createDirectory(scratch.resolve("canary"));
        unpack("/work", tar.end());
        Path rootfs = scratch.resolve("rootfs");
        for (String directory :
                List.of("proc", "sys", "dev", "tmp", ".plurality", ".plurality/usr", ".plurality/lib")) {
            assertThat(Files.isDirectory(rootfs.resolve(directory), LinkOption.NOFOLLOW_LINKS))
                    .as(directory)
                    .isTrue();
        }
        for (String file : FILES) {
            // Its directory may be a link within the image; an absolute one leads to the host's from here.
            if (!Files.isSymbolicLink(rootfs.resolve("etc"))) {
                assertThat(Files.isRegularFile(rootfs.resolve(file), LinkOption.NOFOLLOW_LINKS))
                        .as(file)
                        .isTrue();
            }
        }
        try (Stream<Path> inside = Files.list(canary)) {
            assertThat(inside).isEmpty();
        }
        assertThat(Path.of("/canary")).doesNotExist();
        assertThat(place + kind).isNotEmpty();
    }

    /** In images of Nix they are links into the store, and so may the links' targets be. */
    @Test
    void fileBehindALinkKeepsItsContent() throws Exception {
        byte[] tar = new TarBytes()
                .file("nix/store/abc/etc/passwd", "root:x:0:0\n")
                .file("nix/store/abc/etc/group", "root:x:0:\n")
                .symlink("nix/store/gen", "abc")
                .symlink("etc/passwd", "/nix/store/gen/etc/passwd")
                .symlink("etc/static/group", "../../nix/store/abc/etc/group")
                .symlink("etc/group", "static/group")
                .symlink("etc/hosts", "../../../../etc/hosts2")
                .end();
        unpack("", tar);
        Path etc = scratch.resolve("rootfs/etc");
        assertThat(Files.isRegularFile(etc.resolve("passwd"), LinkOption.NOFOLLOW_LINKS))
                .isTrue();
        assertThat(etc.resolve("passwd")).hasContent("root:x:0:0\n");
        assertThat(Files.isRegularFile(etc.resolve("group"), LinkOption.NOFOLLOW_LINKS))
                .isTrue();
        assertThat(etc.resolve("group")).hasContent("root:x:0:\n");
        assertThat(scratch.resolve("rootfs/nix/store/abc/etc/passwd")).hasContent("root:x:0:0\n");
        assertThat(etc.resolve("hosts")).hasContent("");
    }

    @Test
    void directoryOfTheImageKeepsItsMode() throws Exception {
        unpack("", new TarBytes().directory("tmp", 01777).file("tmp/x", "x").end());
        assertThat(Files.getAttribute(scratch.resolve("rootfs/tmp"), "unix:mode"))
                .isEqualTo(041777);
        assertThat(scratch.resolve("rootfs/tmp/x")).exists();
    }

    @Test
    void workingDirectoryIsMadeWhereTheKernelWillLookForIt() throws Exception {
        byte[] tar = new TarBytes()
                .directory("data/sub", 0755)
                .symlink("l", "data/sub")
                .symlink("out", "/../../../x")
                .end();
        Path rootfs = scratch.resolve("rootfs");
        unpack("/l/../deep/er/./", tar);
        assertThat(rootfs.resolve("data/deep/er")).isDirectory();
        unpack("/out/w", tar);
        assertThat(rootfs.resolve("x/w")).isDirectory();
        unpack("../../../../up", tar);
        assertThat(rootfs.resolve("up")).isDirectory();
        unpack("relative", tar);
        assertThat(rootfs.resolve("relative")).isDirectory();
        unpack("/g\u00f6\ud83d\ude00", tar);
        assertThat(rootfs.resolve("g\u00f6\ud83d\ude00")).isDirectory();
        unpack("/lone\ud800surrogate", tar);
        assertThat(rootfs.resolve("lone?surrogate")).isDirectory();
    }

    @Test
    void workingDirectoryThatCannotBeIsRefused() {
        byte[] tar = new TarBytes().file("file", "x").symlink("loop", "loop").end();
        for (String workingDirectory : List.of(
                "/" + "x".repeat(256), "/x".repeat(3000), "/x".repeat(600), "/a\0b", "/file/sub", "/file", "/loop/x")) {
            PluralityException failure =
                    catchThrowableOfType(PluralityException.class, () -> unpack(workingDirectory, tar));
            assertThat(failure.kind()).as(workingDirectory).isEqualTo(FailureKind.INTEGRITY);
        }
    }

    private void unpack(String workingDirectory, byte[] tar) throws Exception {
        Path rootfs = scratch.resolve("rootfs");
        if (Files.exists(rootfs)) {
            org.plurality.cache.DurableFiles.deleteTree(rootfs);
        }
        Files.deleteIfExists(scratch.resolve("list"));
        try (RootfsWriter writer = RootfsWriter.create(rootfs, ReadPermissions.OWNER, UnpackLimits.DEFAULT)) {
            writer.apply(new ByteArrayInputStream(tar), "", 0);
            writer.finish(MountPoints.standard(workingDirectory), scratch.resolve("list"));
        }
    }
}
