// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.unpack.layer.UnpackLimits;
import org.plurality.unpack.squashfs.SquashfsRunner;

/** What an image may try: each is refused or applied within its directory, and the canary beside it stays as it was. */
class HostileLayersTest {
    @TempDir
    Path scratch;

    /** @param applied whether it is harmless once kept inside; else it must be refused */
    record Case(String name, boolean applied, List<byte[]> layers) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (String name :
                List.of("..", "../", "../x", "a/../../x", "a/..", "/../x", "./../canary/file", "a/../../canary/file")) {
            cases.add(refused("file " + name, new TarBytes().file(name, "x")));
            // A directory may be the root itself by a name that does not leave it.
            cases.add(new Case(
                    "directory " + name,
                    name.equals("a/.."),
                    List.of(new TarBytes().directory(name, 0777).end())));
            cases.add(refused("symlink " + name, new TarBytes().symlink(name, "x")));
            cases.add(refused(
                    "hard link to " + name, new TarBytes().file("a", "x").hardLink("b", name)));
            cases.add(
                    refused("pax path " + name, new TarBytes().pax("path", name).file("a", "x")));
        }
        for (String target : List.of("../canary", "../../canary", "/canary", "../../../../../../tmp", "/", "..")) {
            TarBytes link = new TarBytes().symlink("l", target);
            both(cases, "file through link to " + target, link, new TarBytes().file("l/file", "evil"), true);
            both(cases, "directory through link to " + target, link, new TarBytes().directory("l/new", 0777), true);
            both(cases, "link replaced by file, to " + target, link, new TarBytes().file("l", "evil"), true);
            both(cases, "link replaced by directory, to " + target, link, new TarBytes().directory("l", 0777), true);
            both(cases, "whiteout through link to " + target, link, new TarBytes().file("l/.wh.file", ""), true);
            both(cases, "opaque through link to " + target, link, new TarBytes().file("l/.wh..wh..opq", ""), true);
            both(
                    cases,
                    "hard link of link to " + target,
                    link,
                    new TarBytes().hardLink("h", "l").file("h", "evil"),
                    true);
            both(cases, "hard link through link to " + target, link, new TarBytes().hardLink("h", "l/file"), false);
        }
        for (String name : List.of(".wh.", ".wh..", ".wh...", "a/.wh.", "a/.wh..", "a/.wh...")) {
            cases.add(refused(
                    "whiteout " + name, new TarBytes().directory("a", 0755).file(name, "")));
        }
        cases.add(refused("file below a whiteout", new TarBytes().file(".wh.a/b", "x")));
        cases.add(applied(
                "aufs leftovers", new TarBytes().directory(".wh..wh.plnk", 0700).file(".wh..wh.plnk/1.2", "x")));
        cases.add(applied(
                "contained parents",
                new TarBytes().directory("a/b", 0755).file("a/b/../../f", "x").hardLink("g", "a/../f")));
        cases.add(applied("opaque root", new TarBytes().file(".wh..wh..opq", "")));
        cases.add(refused("root is a symlink", new TarBytes().symlink("./", "/canary")));
        cases.add(refused("root is a file", new TarBytes().entry('0', ".", "", 0644, new byte[0])));
        cases.add(refused("no name", new TarBytes().symlink("", "x")));
        cases.add(refused("file below a file", new TarBytes().file("a", "x").file("a/b", "x")));
        cases.add(refused(
                "links in a circle",
                new TarBytes().symlink("a", "b").symlink("b", "a").file("a/x", "x")));
        cases.add(refused(
                "hard link to a directory", new TarBytes().directory("a", 0755).hardLink("b", "a")));
        cases.add(refused("hard link to the root", new TarBytes().hardLink("b", "/")));
        cases.add(refused("hard link to nothing", new TarBytes().hardLink("b", "a")));
        cases.add(refused(
                "hard link in place of its target",
                new TarBytes().file("a/b", "x").hardLink("a", "a/b")));
        cases.add(applied("hard link to itself", new TarBytes().file("a", "x").hardLink("a", "a")));
        for (char type : new char[] {'3', '4', '6'}) {
            cases.add(applied(
                    "special " + type,
                    new TarBytes().entry(type, "s", "", 0666, new byte[0]).hardLink("h", "s")));
        }
        for (char type : new char[] {'D', 'M', 'V', 'A', '9'}) {
            cases.add(refused("type " + type, new TarBytes().entry(type, "s", "", 0666, new byte[0])));
        }
        cases.add(applied("setuid and setgid", new TarBytes().entry('0', "s", "", 06755, new byte[0])));
        cases.add(applied(
                "directory of mode 000", new TarBytes().directory("d", 0).file("d/f", "x")));
        cases.add(applied(
                "capability",
                new TarBytes().pax("SCHILY.xattr.security.capability", "x").file("c", "x")));
        cases.add(applied(
                "overlay xattr",
                new TarBytes().pax("SCHILY.xattr.user.overlay.whiteout", "y").file("c", "x")));
        cases.add(refused(
                "pax sparse", new TarBytes().pax("GNU.sparse.major", "1").file("c", "x")));
        cases.add(refused("pax size negative", new TarBytes().pax("size", "-1").file("c", "x")));
        cases.add(refused(
                "pax size absurd",
                new TarBytes().pax("size", "999999999999999999").file("c", "x")));
        cases.add(refused(
                "pax size of 30 digits",
                new TarBytes().pax("size", "9".repeat(30)).file("c", "x")));
        cases.add(refused(
                "pax size larger than the data",
                new TarBytes().pax("size", "9999").file("c", "x")));
        cases.add(refused(
                "pax time in e notation",
                new TarBytes().pax("mtime", "9e9999999").file("c", "x")));
        cases.add(applied(
                "pax time far off", new TarBytes().pax("mtime", "9".repeat(25)).file("c", "x")));
        cases.add(applied(
                "pax time before 1970", new TarBytes().pax("mtime", "-1.5").file("c", "x")));
        cases.add(refused(
                "pax record cut",
                new TarBytes()
                        .entry('x', "p", "", 0, "99 path=a\n".getBytes(StandardCharsets.UTF_8))
                        .file("c", "x")));
        cases.add(refused(
                "pax record without length",
                new TarBytes()
                        .entry('x', "p", "", 0, "path=a\n".getBytes(StandardCharsets.UTF_8))
                        .file("c", "x")));
        cases.add(
                refused("pax name with NUL", new TarBytes().pax("path", "a\0b").file("c", "x")));
        cases.add(refused(
                "size negative", new TarBytes().raw(TarBytes.header('0', "n", "", 0644, "\u00ff".repeat(12), "0"))));
        cases.add(refused(
                "size absurd",
                new TarBytes().raw(TarBytes.header('0', "n", "", 0644, "\u0080" + "\u007f".repeat(11), "0"))));
        cases.add(refused("size not octal", new TarBytes().raw(TarBytes.header('0', "n", "", 0644, "12x", "0"))));
        cases.add(
                refused("long name bomb", new TarBytes().raw(TarBytes.header('L', "n", "", 0644, "77777777777", "0"))));
        cases.add(
                refused("long link bomb", new TarBytes().raw(TarBytes.header('K', "n", "", 0644, "77777777777", "0"))));
        cases.add(refused("pax bomb", new TarBytes().raw(TarBytes.header('x', "n", "", 0644, "77777777777", "0"))));
        cases.add(refused(
                "global pax bomb", new TarBytes().raw(TarBytes.header('g', "n", "", 0644, "77777777777", "0"))));
        cases.add(refused("checksum", new TarBytes().raw(new byte[] {'x'}).raw(new byte[511])));
        cases.add(refused(
                "name of 256 bytes", new TarBytes().pax("path", "n".repeat(256)).file("c", "x")));
        cases.add(applied(
                "name of 255 bytes", new TarBytes().pax("path", "n".repeat(255)).file("c", "x")));
        cases.add(applied("name that is not UTF-8", new TarBytes().file("\u00ff\u00fe", "x")));
        cases.add(refused(
                "name longer than a path",
                new TarBytes().pax("path", "n/".repeat(3000)).file("c", "x")));
        cases.add(refused(
                "600 deep", new TarBytes().pax("path", "n/".repeat(600) + "x").file("c", "x")));
        TarBytes many = new TarBytes();
        for (int i = 0; i < 12; i++) {
            many.pax("path", "x");
        }
        cases.add(refused("extended headers without end", many.file("c", "x")));
        cases.add(new Case(
                "data cut short",
                false,
                List.of(Arrays.copyOf(new TarBytes().file("c", "x".repeat(2000)).unended(), 1000))));
        cases.add(new Case(
                "header cut short",
                false,
                List.of(Arrays.copyOf(new TarBytes().file("c", "x").unended(), 100))));
        cases.add(new Case(
                "ends after an extended header",
                false,
                List.of(new TarBytes().pax("path", "x").end())));
        cases.add(new Case(
                "goes on after its end",
                false,
                List.of(new TarBytes().raw(new byte[512]).file("c", "x").end())));
        cases.add(new Case(
                "no end at all", true, List.of(new TarBytes().file("c", "x").unended())));
        cases.add(new Case("empty", true, List.of(new byte[0])));
        cases.add(new Case("xz", false, List.of(new byte[] {(byte) 0xfd, '7', 'z', 'X', 'Z', 0})));
        cases.add(new Case("gzip cut short", false, List.of(new byte[] {0x1f, (byte) 0x8b, 8})));
        List<Case> dialects = new ArrayList<>();
        for (Case one : cases) {
            for (TarBytes.Dialect dialect : TarBytes.Dialect.values()) {
                List<byte[]> layers = new ArrayList<>();
                for (byte[] layer : one.layers()) {
                    TarBytes.as(dialect, layer).ifPresent(layers::add);
                }
                if (!layers.isEmpty() && layers.size() == one.layers().size()) {
                    dialects.add(new Case(one.name() + ", " + dialect, one.applied(), layers));
                }
            }
        }
        cases.addAll(dialects);
        return cases.stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void nothingOutsideTheTargetChanges(Case hostile) throws Exception {
        Map<String, String> before = canary();
        Throwable thrown;
        try (RootfsWriter writer =
                RootfsWriter.create(scratch.resolve("rootfs"), ReadPermissions.OWNER, UnpackLimits.DEFAULT)) {
            thrown = catchThrowable(() -> {
                for (int i = 0; i < hostile.layers().size(); i++) {
                    writer.apply(new ByteArrayInputStream(hostile.layers().get(i)), "", i);
                }
                writer.finish(MountPoints.standard("/work"), scratch.resolve("list"));
            });
        }
        Files.deleteIfExists(scratch.resolve("list"));
        assertHarmless(hostile, before, thrown);
    }

    static Stream<Case> casesOnce() {
        return cases().filter(one -> !one.name().matches(".*, (V7|GNU|PAX)"));
    }

    /** Its content is that of the directory where both are made; the merging reads from outside, too. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("casesOnce")
    void nothingOutsideASquashfsChanges(Case hostile) throws Exception {
        Map<String, String> before = canary();
        Path place = Files.createDirectory(scratch.resolve("rootfs"));
        Throwable thrown;
        try (SquashfsRunner runner = new SquashfsRunner(place.resolve("image"), place)) {
            thrown = catchThrowable(() -> {
                RootfsArchive archive = RootfsArchive.create(runner, ReadPermissions.OWNER, UnpackLimits.DEFAULT);
                for (int i = hostile.layers().size() - 1; i >= 0; i--) {
                    archive.apply(new ByteArrayInputStream(hostile.layers().get(i)), "", i);
                }
                archive.finish(
                        MountPoints.standard("/work"),
                        place.resolve("list"),
                        layer -> new ByteArrayInputStream(hostile.layers().get(layer)));
            });
        }
        assertHarmless(hostile, before, thrown);
        assertThat(Files.exists(place.resolve("image"))).isEqualTo(hostile.applied());
    }

    private Map<String, String> canary() throws Exception {
        Path canary = Files.createDirectories(scratch.resolve("canary/sub"));
        Files.writeString(scratch.resolve("canary/file"), "precious");
        Files.writeString(canary.resolve("other"), "precious");
        return snapshot();
    }

    private void assertHarmless(Case hostile, Map<String, String> before, @Nullable Throwable thrown) throws Exception {
        assertThat(Path.of("/canary")).doesNotExist();
        assertThat(snapshot()).isEqualTo(before);
        if (hostile.applied()) {
            assertThat(thrown).isNull();
        } else {
            assertThat(thrown).isInstanceOfSatisfying(PluralityException.class, e -> assertThat(e.kind())
                    .isEqualTo(FailureKind.INTEGRITY));
        }
    }

    @Test
    void decompressedBytesAreBounded() throws Exception {
        byte[] bomb = TarBytes.gzip(
                new TarBytes().entry('0', "zeros", "", 0644, new byte[8 << 20]).end());
        try (RootfsWriter writer = RootfsWriter.create(
                scratch.resolve("rootfs"), ReadPermissions.OWNER, UnpackLimits.DEFAULT.withMaxBytes(1 << 20))) {
            assertThatThrownBy(() -> writer.apply(new ByteArrayInputStream(bomb), "", 0))
                    .isInstanceOfSatisfying(
                            PluralityException.class, e -> assertThat(e.hint()).contains("max_bytes"));
        }
    }

    @Test
    void entriesAreBounded() throws Exception {
        byte[] tar = new TarBytes().file("a", "").file("b", "").end();
        try (RootfsWriter writer = RootfsWriter.create(
                scratch.resolve("rootfs"), ReadPermissions.OWNER, UnpackLimits.DEFAULT.withMaxEntries(1))) {
            assertThatThrownBy(() -> writer.apply(new ByteArrayInputStream(tar), "", 0))
                    .isInstanceOfSatisfying(
                            PluralityException.class, e -> assertThat(e.hint()).contains("max_entries"));
        }
    }

    private Map<String, String> snapshot() throws Exception {
        Map<String, String> snapshot = new TreeMap<>();
        try (Stream<Path> files = Files.walk(scratch)) {
            for (Path file : (Iterable<Path>) files.filter(f -> !f.startsWith(scratch.resolve("rootfs")))::iterator) {
                if (!file.equals(scratch)) {
                    snapshot.put(
                            file.toString(),
                            Files.readAttributes(
                                            file, "unix:mode,ino,nlink,lastModifiedTime", LinkOption.NOFOLLOW_LINKS)
                                    + (Files.isRegularFile(file) ? Files.readString(file) : ""));
                }
            }
        }
        snapshot.keySet().removeIf(name -> name.endsWith("/list"));
        return snapshot;
    }

    private static Case refused(String name, TarBytes tar) {
        return new Case(name, false, List.of(tar.end()));
    }

    private static Case applied(String name, TarBytes tar) {
        return new Case(name, true, List.of(tar.end()));
    }

    private static void both(List<Case> cases, String name, TarBytes first, TarBytes second, boolean applied) {
        byte[] joined =
                new TarBytes().raw(first.unended()).raw(second.unended()).end();
        cases.add(new Case(name + ", one layer", applied, List.of(joined)));
        cases.add(new Case(name + ", two layers", applied, List.of(first.end(), second.end())));
    }
}
