// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.plurality.posix.Errno;
import org.plurality.posix.LinuxPosix;
import org.plurality.posix.Posix;
import org.plurality.unpack.layer.UnpackLimits;

class DeduplicatorTest {
    @TempDir
    private Path root;

    private Path shared;

    @BeforeEach
    void makeDirectories() throws Exception {
        shared = Files.createDirectory(root.resolve("shared"));
        Files.createDirectory(root.resolve("scratch"));
    }

    @Test
    void equalFilesOfTwoTreesAreOne() throws Exception {
        UnpackSummary first = unpack("one", tree("same", 0644));
        UnpackSummary second = unpack("two", tree("same", 0644));
        assertThat(first.sharedFiles()).isZero();
        // And the four files that every tree gets.
        assertThat(second.sharedFiles()).isEqualTo(5);
        assertThat(inode("two/d/file")).isEqualTo(inode("one/d/file"));
        assertThat(Trees.of(root.resolve("two"))).isEqualTo(Trees.of(root.resolve("one")));
        assertThat(second.bytes()).isEqualTo(first.bytes());
        assertThat(second.inodes()).isEqualTo(first.inodes());
        assertThat(Files.readAllBytes(root.resolve("two.list")))
                .isEqualTo(Files.readAllBytes(root.resolve("one.list")));
    }

    @Test
    void whatDiffersInModeTimeOrContentsIsNotShared() throws Exception {
        unpack("one", tree("same", 0644));
        unpack("mode", tree("same", 0755));
        unpack("text", tree("else", 0644));
        unpack("time", new TarBytes().directory("d", 0755).pax("mtime", "77").file("d/file", "same"));
        assertThat(List.of(inode("mode/d/file"), inode("text/d/file"), inode("time/d/file")))
                .doesNotContain(inode("one/d/file"))
                .doesNotHaveDuplicates();
    }

    @Test
    void twoFilesOfATreeStayTwo() throws Exception {
        for (String name : List.of("one", "two")) {
            unpack(name, new TarBytes().file("a", "same").file("b", "same"));
        }
        assertThat(inode("one/a")).isNotEqualTo(inode("one/b"));
        assertThat(inode("two/a")).isEqualTo(inode("one/a"));
        assertThat(inode("two/b")).isEqualTo(inode("one/b"));
    }

    @Test
    void filesOfSeveralNamesAreLeftAlone() throws Exception {
        for (String name : List.of("one", "two")) {
            unpack(name, new TarBytes().file("a", "same").hardLink("b", "a"));
        }
        assertThat(inode("two/a")).isEqualTo(inode("two/b")).isNotEqualTo(inode("one/a"));
        assertThat(Files.getAttribute(root.resolve("one/a"), "unix:nlink")).isEqualTo(2);
    }

    @Test
    void aDamagedFileIsNotHandedOnAndNotWrittenTo() throws Exception {
        unpack("one", tree("same", 0644));
        Path damaged = root.resolve("one/d/file");
        FileTime time = Files.getLastModifiedTime(damaged);
        Files.writeString(damaged, "SAME");
        Files.setLastModifiedTime(damaged, time);
        unpack("two", tree("same", 0644));
        assertThat(root.resolve("two/d/file")).hasContent("same");
        assertThat(damaged).hasContent("SAME");
        unpack("three", tree("same", 0644));
        assertThat(inode("three/d/file")).isEqualTo(inode("two/d/file"));
    }

    @Test
    void aLinkOrADirectoryInTheNamesPlaceLeadsNowhere() throws Exception {
        unpack("one", tree("same", 0644));
        Path secret = Files.writeString(root.resolve("secret"), "same");
        for (Path name : names()) {
            Files.delete(name);
            Files.createSymbolicLink(name, secret);
        }
        unpack("two", tree("same", 0644));
        assertThat(root.resolve("two/d/file")).isRegularFile().hasContent("same");
        assertThat(inode("two/d/file")).isNotEqualTo(inode("secret"));
        for (Path name : names()) {
            Files.delete(name);
            Files.createDirectory(name);
        }
        assertThat(unpack("three", tree("same", 0644)).sharedFiles()).isZero();
        assertThat(root.resolve("three/d/file")).hasContent("same");
    }

    @ParameterizedTest
    @EnumSource(
            value = Errno.class,
            names = {"EMLINK", "EXDEV", "EPERM", "EOPNOTSUPP", "ENOSPC", "EDQUOT", "ESTALE"})
    void whereLinksAreRefusedFilesStayAsTheyAre(Errno errno) throws Exception {
        unpack("one", tree("same", 0644));
        UnpackSummary second = unpack(new FaultyPosix("linkat", 1, errno), "two", tree("same", 0644));
        assertThat(second.sharedFiles()).isZero();
        assertThat(Trees.of(root.resolve("two"))).isEqualTo(Trees.of(root.resolve("one")));
        assertThat(inode("two/d/file")).isNotEqualTo(inode("one/d/file"));
        assertThat(root.resolve("scratch")).isEmptyDirectory();
    }

    @Test
    void aFullFileLeavesItsNameToTheNext() throws Exception {
        unpack("one", tree("same", 0644));
        // The first look-up of a name finds a file that takes no more links.
        unpack(new FaultyPosix("linkat", 1, 1, Errno.EMLINK), "two", tree("same", 0644));
        unpack("three", tree("same", 0644));
        assertThat(inode("two/d/file")).isNotEqualTo(inode("one/d/file"));
        assertThat(inode("three/d/file")).isEqualTo(inode("two/d/file"));
    }

    private List<Path> names() throws Exception {
        try (Stream<Path> names = Files.walk(shared, 2)) {
            return names.filter(path -> path.getNameCount() == shared.getNameCount() + 2)
                    .toList();
        }
    }

    private static TarBytes tree(String text, int mode) {
        return new TarBytes().directory("d", 0755).entry('0', "d/file", "", mode, text.getBytes(UTF_8));
    }

    private Object inode(String path) throws Exception {
        return Objects.requireNonNull(Files.getAttribute(root.resolve(path), "unix:ino"));
    }

    private UnpackSummary unpack(String name, TarBytes tar) throws Exception {
        return unpack(new LinuxPosix(), name, tar);
    }

    private UnpackSummary unpack(Posix posix, String name, TarBytes tar) throws Exception {
        try (RootfsWriter writer =
                RootfsWriter.create(root.resolve(name), ReadPermissions.OWNER, UnpackLimits.DEFAULT, posix)) {
            writer.apply(new ByteArrayInputStream(tar.end()), "application/vnd.oci.image.layer.v1.tar", 0);
            return writer.finish(
                    MountPoints.standard("/"),
                    root.resolve(name + ".list"),
                    new Sharing(shared, root.resolve("scratch")));
        }
    }
}
