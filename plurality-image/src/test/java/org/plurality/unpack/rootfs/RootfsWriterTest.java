// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.plurality.cache.DurableFiles;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.posix.Errno;
import org.plurality.posix.LinuxPosix;
import org.plurality.posix.Posix;
import org.plurality.unpack.layer.UnpackLimits;

class RootfsWriterTest {
    @TempDir
    private Path scratch;

    static Stream<Arguments> faults() {
        List<Arguments> faults = new ArrayList<>();
        for (Errno errno : List.of(Errno.ENOSPC, Errno.EDQUOT)) {
            for (String call : List.of("write", "mkdirat", "symlinkat", "linkat", "close", "syncfs", "futimens")) {
                faults.add(Arguments.of(call, 1, errno));
            }
            faults.add(Arguments.of("write", 2, errno));
            // The third is the first file: root and directory come before.
            faults.add(Arguments.of("openat", 3, errno));
            // In the mount points, which are made last.
            faults.add(Arguments.of("mkdirat", 4, errno));
        }
        return faults.stream();
    }

    @ParameterizedTest
    @MethodSource("faults")
    void fullDiskIsAStorageErrorWhereverItStrikes(String call, int first, Errno errno) throws Exception {
        TarBytes tar = new TarBytes()
                .directory("d", 0755)
                .entry('0', "d/big", "", 0644, new byte[300_000])
                .hardLink("d/hard", "d/big")
                .symlink("d/soft", "big");
        long descriptors = descriptors();
        PluralityException failure = catchThrowableOfType(
                PluralityException.class, () -> unpack(new FaultyPosix(call, first, errno), tar.end()));
        assertThat(failure.kind()).isEqualTo(FailureKind.STORAGE);
        assertThat(failure).hasMessageContaining(errno.words()).hasMessageStartingWith("cannot ");
        assertThat(failure.hint()).contains(errno == Errno.ENOSPC ? "free space" : "quota", "--cache");
        assertThat(descriptors()).isLessThanOrEqualTo(descriptors);
    }

    @Test
    void anErrorOfTheDiskFromBeforeIsNotOurs() throws Exception {
        assertThat(unpack(
                                new FaultyPosix("syncfs", 1, 1, Errno.EIO),
                                new TarBytes().file("a", "x").end())
                        .entries())
                .isEqualTo(1);
    }

    @Test
    void whereSyncfsTellsOfNothingEachFileIsAsked() throws Exception {
        byte[] tar = new TarBytes()
                .directory("d", 0500)
                .file("d/a", "x")
                .symlink("d/b", "a")
                .file("e", "y")
                .end();
        for (int ask = 1; ask <= 2; ask++) {
            Posix faulty = new FaultyPosix("fsync", ask, Errno.EIO);
            assertThatThrownBy(() -> unpack(faulty, false, tar)).hasMessageContaining(Errno.EIO.words());
            DurableFiles.deleteTree(scratch.resolve("rootfs"));
            Files.delete(scratch.resolve("list"));
        }
        assertThat(unpack(new FaultyPosix("fsync", 1, Errno.EIO), true, tar).entries())
                .isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource({
        "4.18.0-553.el8.x86_64, false",
        "5.4.0-1, false",
        "5.7.19, false",
        "5.8.0, true",
        "5.14.0-427.el9, true",
        "6.1.0-28-amd64, true",
        "3.10.0, false",
        "10.0, true",
        "unknown, false"
    })
    void syncfsTellsOfErrorsSinceLinux58(String release, boolean tells) {
        assertThat(StoredFiles.areToldBySyncfs(release)).isEqualTo(tells);
    }

    @Test
    void anArchiveThatItsWriterNeverClosedIsWhole() throws Exception {
        byte[] whole = new TarBytes().file("a", "first").file("b", "last").unended();
        unpack(new LinuxPosix(), Arrays.copyOf(whole, whole.length - (512 - "last".length())));
        assertThat(scratch.resolve("rootfs/a")).hasContent("first");
        assertThat(scratch.resolve("rootfs/b")).hasContent("last");
    }

    @Test
    void anArchiveThatLacksContentsIsRefused() {
        byte[] whole = new TarBytes().file("a", "first").file("b", "last").unended();
        assertThatThrownBy(() -> unpack(new LinuxPosix(), Arrays.copyOf(whole, whole.length - 509)))
                .hasMessageContaining("ends too early");
    }

    @Test
    void whatIsLeftOutIsCounted() throws Exception {
        UnpackSummary summary = unpack(
                new LinuxPosix(),
                new TarBytes()
                        .entry('3', "null", "", 0666, new byte[0])
                        .entry('6', "pipe", "", 0666, new byte[0])
                        .entry('0', "su", "", 04755, new byte[1])
                        .directory("mail", 02775)
                        .pax("SCHILY.xattr.security.capability", "x")
                        .file("ping", "x")
                        .end());
        assertThat(summary.droppedSpecials()).isEqualTo(2);
        assertThat(summary.strippedSetIds()).isEqualTo(2);
        assertThat(summary.droppedXattrs()).isEqualTo(1);
        assertThat(summary.entries()).isEqualTo(5);
        assertThat(mode("su")).isEqualTo(0755);
        assertThat(mode("mail")).isEqualTo(0775);
        assertThat(scratch.resolve("rootfs/null")).doesNotExist();
    }

    @Test
    void attributesThatSteerTheHostAreNeverSet() throws Exception {
        List<String> unsafe = List.of(
                "user.overlay.opaque",
                "user.overlay.redirect",
                "user.fuseoverlayfs.opaque",
                "user.containers.override_stat",
                "trusted.overlay.opaque",
                "security.selinux",
                "security.capability",
                "system.posix_acl_access",
                "user.");
        TarBytes tar = new TarBytes();
        for (int i = 0; i < unsafe.size(); i++) {
            String keyword = "SCHILY.xattr." + unsafe.get(i);
            tar.pax(keyword, "y").file("f" + i, "x").pax(keyword, "y").directory("d" + i, 0755);
        }
        List<String> set = new ArrayList<>();
        Posix real = new LinuxPosix();
        Posix listening = (Posix) Proxy.newProxyInstance(
                Posix.class.getClassLoader(), new Class<?>[] {Posix.class}, (_, method, arguments) -> {
                    if (method.getName().equals("fsetxattr")) {
                        set.add(arguments[1].toString());
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getTargetException();
                    }
                });
        UnpackSummary summary = unpack(
                listening,
                tar.pax("SCHILY.xattr.user.origin", "a lab").file("kept", "x").end());
        assertThat(set).containsExactly("user.origin");
        assertThat(summary.droppedXattrs()).isEqualTo(2L * unsafe.size());
        for (String path : List.of("f0", "d0")) {
            assertThat(Files.getFileAttributeView(
                                    scratch.resolve("rootfs").resolve(path), UserDefinedFileAttributeView.class)
                            .list())
                    .isEmpty();
        }
    }

    @Test
    void whatOnlyRootCouldReadIsReadableToItsOwner() throws Exception {
        unpack(
                new LinuxPosix(),
                new TarBytes()
                        .entry('0', "shadow", "", 0, new byte[1])
                        .entry('0', "key", "", 0600, new byte[1])
                        .entry('0', "run", "", 0111, new byte[1])
                        .directory("closed", 0)
                        .file("closed/file", "x")
                        .end());
        assertThat(mode("shadow")).isEqualTo(0400);
        assertThat(mode("key")).isEqualTo(0600);
        assertThat(mode("run")).isEqualTo(0511);
        assertThat(mode("closed")).isEqualTo(0700);
    }

    @Test
    void listSaysWhatThereIsByteForByte() throws Exception {
        unpack(
                new LinuxPosix(),
                new TarBytes()
                        .file("a", "hello")
                        .hardLink("b", "a")
                        .symlink("l", "a")
                        .file("n\u00ff", "")
                        .hardLink("z", "n\u00ff")
                        .end());
        assertThat(list())
                .contains(
                        "{\"path\":\".\",\"type\":\"dir\",\"mode\":\"0755\",\"mtime\":0}",
                        "{\"path\":\"a\",\"type\":\"file\",\"mode\":\"0644\",\"size\":5,\"sha256\":"
                                + "\"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\",\"mtime\":134217728}",
                        "{\"path\":\"b\",\"type\":\"file\",\"mode\":\"0644\",\"size\":5,\"sha256\":"
                                + "\"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\",\"hardlink\":\"a\","
                                + "\"mtime\":134217728}",
                        "{\"path\":\"l\",\"type\":\"symlink\",\"target\":\"a\",\"mtime\":134217728}")
                .anyMatch(line -> line.startsWith("{\"pathBase64\":\"bv8=\",\"type\":\"file\""))
                .anyMatch(line -> line.startsWith("{\"path\":\"z\"") && line.contains("\"hardlinkBase64\":\"bv8=\""));
    }

    @Tag("slow")
    @Test
    void ratioIsBoundedOnceALayerIsLarge() throws Exception {
        byte[] bomb = TarBytes.gzip(
                new TarBytes().entry('0', "zeros", "", 0644, new byte[66 << 20]).end());
        try (RootfsWriter writer = RootfsWriter.create(
                scratch.resolve("rootfs"), ReadPermissions.OWNER, UnpackLimits.DEFAULT.withMaxRatio(100))) {
            assertThatThrownBy(() -> writer.apply(new ByteArrayInputStream(bomb), "", 0))
                    .isInstanceOfSatisfying(
                            PluralityException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.INTEGRITY))
                    .hasMessageContaining("compression ratio");
        }
    }

    @Test
    void namesAreBoundedInMemory() throws Exception {
        TarBytes tar = new TarBytes();
        for (int i = 0; i < 50; i++) {
            tar.pax("linkpath", "x".repeat(4000)).symlink("l" + i, "x");
        }
        try (RootfsWriter writer = RootfsWriter.create(
                scratch.resolve("rootfs"), ReadPermissions.OWNER, UnpackLimits.DEFAULT.withMaxTreeBytes(100_000))) {
            assertThatThrownBy(() -> writer.apply(new ByteArrayInputStream(tar.end()), "", 0))
                    .isInstanceOfSatisfying(
                            PluralityException.class, e -> assertThat(e.hint()).contains("PLURALITY_STAGEIN_HEAP"))
                    .hasMessageContaining("memory");
        }
    }

    @Test
    void contentsOfADirectoryInTheOldFormAreNoHeaders() throws Exception {
        byte[] inner = new TarBytes().file("evil", "x").unended();
        unpack(
                new LinuxPosix(),
                new TarBytes()
                        .entry('0', "d/", "", 0755, inner)
                        .file("after", "x")
                        .end());
        assertThat(scratch.resolve("rootfs/d")).isDirectory();
        assertThat(scratch.resolve("rootfs/after")).exists();
        assertThat(scratch.resolve("rootfs/evil")).doesNotExist();
    }

    @Test
    void opaqueWhiteoutOverManyDirectoriesKeepsFewOpen() throws Exception {
        TarBytes lower = new TarBytes();
        TarBytes upper = new TarBytes();
        for (int i = 0; i < 3000; i++) {
            lower.file("p/" + i + "/old", "");
            upper.file("p/" + i + "/new", "");
        }
        unpack(new LinuxPosix(), lower.end(), upper.file("p/.wh..wh..opq", "").end());
        assertThat(scratch.resolve("rootfs/p/2999/old")).doesNotExist();
        assertThat(scratch.resolve("rootfs/p/2999/new")).exists();
    }

    @Test
    void attributesOfUsersStayOnFilesAndDirectories() throws Exception {
        UnpackSummary summary = unpack(
                new LinuxPosix(),
                new TarBytes()
                        .pax("SCHILY.xattr.user.origin", "a lab")
                        .directory("d", 0555)
                        .pax("SCHILY.xattr.user.origin", "a file's")
                        .pax("SCHILY.xattr.user.empty", "")
                        .entry('0', "d/f", "", 0444, new byte[3])
                        .end());
        assertThat(summary.droppedXattrs()).isZero();
        assertThat(attribute("d", "origin")).isEqualTo("a lab");
        assertThat(attribute("d/f", "empty")).isEmpty();
    }

    private String attribute(String path, String name) throws IOException {
        UserDefinedFileAttributeView view =
                Files.getFileAttributeView(scratch.resolve("rootfs").resolve(path), UserDefinedFileAttributeView.class);
        ByteBuffer value = ByteBuffer.allocate(view.size(name));
        view.read(name, value);
        return new String(value.array(), StandardCharsets.UTF_8);
    }

    private UnpackSummary unpack(Posix posix, byte[]... layers) throws PluralityException, IOException {
        return unpack(posix, true, layers);
    }

    private UnpackSummary unpack(Posix posix, boolean isToldBySyncfs, byte[]... layers)
            throws PluralityException, IOException {
        try (RootfsWriter writer = RootfsWriter.create(
                scratch.resolve("rootfs"), ReadPermissions.OWNER, UnpackLimits.DEFAULT, posix, isToldBySyncfs)) {
            for (int i = 0; i < layers.length; i++) {
                writer.apply(new ByteArrayInputStream(layers[i]), "", i);
            }
            return writer.finish(MountPoints.standard("/work"), scratch.resolve("list"));
        }
    }

    private int mode(String path) throws IOException {
        return (Integer) Files.getAttribute(
                        scratch.resolve("rootfs").resolve(path), "unix:mode", LinkOption.NOFOLLOW_LINKS)
                & 07777;
    }

    private List<String> list() throws IOException {
        try (InputStream list = new ZstdInputStreamNoFinalizer(Files.newInputStream(scratch.resolve("list")))) {
            return new String(list.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        }
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }
}
