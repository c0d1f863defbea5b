// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.plurality.cache.Entry;
import org.plurality.cache.EntryDocument;
import org.plurality.cache.RootfsKind;
import org.plurality.posix.ByteString;
import org.plurality.reference.Digest;

class VerifierTest {
    @TempDir
    private Path root;

    private StagedImages images;

    @BeforeEach
    void start() throws Exception {
        images = new StagedImages(root);
    }

    @AfterEach
    void stop() {
        images.close();
    }

    @ParameterizedTest
    @EnumSource(RootfsKind.class)
    void whatWasJustPublishedIsWhole(RootfsKind kind) throws Exception {
        Entry entry = images.stage("1", kind);
        for (boolean deep : List.of(false, true)) {
            Verified verified = verify(entry, deep);
            assertThat(verified.damage()).isEmpty();
            assertThat(verified.files()).isGreaterThan(10);
            assertThat(verified.bytesRead() > 0).isEqualTo(deep);
        }
    }

    @Test
    void eachWayToDamageATreeIsFound() throws Exception {
        Path rootfs = images.stage("1", RootfsKind.DIR).rootfs();
        Entry entry = images.cache().entries().getFirst();
        Files.delete(rootfs.resolve("a/b"));
        Files.writeString(rootfs.resolve("a/new"), "x");
        Files.writeString(rootfs.resolve("a.c"), "longer than it was before");
        Files.setPosixFilePermissions(rootfs.resolve("deep/er/two"), PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.delete(rootfs.resolve("link"));
        Files.createSymbolicLink(rootfs.resolve("link"), Path.of("elsewhere"));
        Files.delete(rootfs.resolve("etc/hosts"));
        Files.createDirectory(rootfs.resolve("etc/hosts"));
        Files.writeString(rootfs.resolve("etc/hosts/inner"), "x");
        assertThat(verify(entry, false).damage())
                .extracting(Damage::where)
                .containsExactly(
                        "rootfs/a/b",
                        "rootfs/a/new",
                        "rootfs/a.c",
                        "rootfs/deep/er/two",
                        "rootfs/etc/hosts",
                        "rootfs/link");
    }

    @Test
    void changedContentsOfTheSameSizeAreFoundByTheirTimeAndInDepthWithoutIt() throws Exception {
        Entry entry = images.stage("1", RootfsKind.DIR);
        Path file = entry.rootfs().resolve("deep/er/two");
        FileTime before = Files.getLastModifiedTime(file);
        flip(file, 1234);
        assertThat(verify(entry, false).damage()).extracting(Damage::where).containsExactly("rootfs/deep/er/two");
        Files.setLastModifiedTime(file, before);
        assertThat(verify(entry, false).isWhole()).isTrue();
        assertThat(verify(entry, true).damage()).extracting(Damage::where).containsExactly("rootfs/deep/er/two");
    }

    @Test
    void aTreeThatWasCopiedWithoutItsTimesIsWhole() throws Exception {
        Entry entry = images.stage("1", RootfsKind.DIR);
        try (var files = Files.walk(entry.rootfs())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.setLastModifiedTime(file, FileTime.fromMillis(1));
            }
        }
        assertThat(verify(entry, false).damage()).isEmpty();
    }

    @Tag("slow")
    @Test
    void anySingleByteOfASquashfsIsFound() throws Exception {
        Entry entry = images.stage("1", RootfsKind.SQUASHFS);
        Random random = new Random(4);
        long size = Files.size(entry.rootfs());
        for (int i = 0; i < 200; i++) {
            long place = random.nextLong(size);
            flip(entry.rootfs(), place);
            assertThat(verify(entry, true).isWhole()).as("byte %d", place).isFalse();
            flip(entry.rootfs(), place);
        }
        assertThat(verify(entry, true).isWhole()).isTrue();
    }

    @Test
    void damagedFilesInASquashfsAreNamed() throws Exception {
        Entry entry = images.stage("1", RootfsKind.SQUASHFS);
        // Data blocks come first, behind the superblock and what it says of the compressor.
        flip(entry.rootfs(), 150);
        assertThat(verify(entry, true).damage())
                .extracting(Damage::where)
                .anyMatch(where -> where.startsWith("rootfs.squashfs/"));
    }

    @ParameterizedTest
    @EnumSource(RootfsKind.class)
    void theFilesBesideTheRootFilesystemAreChecked(RootfsKind kind) throws Exception {
        Entry entry = images.stage("1", kind);
        for (String name : List.of("manifest.json", "config.json", "files.jsonl.zst", "entry.json")) {
            Path file = entry.directory().resolve(name);
            byte[] content = Files.readAllBytes(file);
            flip(file, 3);
            assertThat(verify(entry, false).damage()).as(name).isNotEmpty();
            Files.delete(file);
            assertThat(verify(entry, false).damage())
                    .as(name)
                    .extracting(Damage::where)
                    .contains(name);
            Files.write(file, content);
        }
        Files.move(entry.rootfs(), root.resolve("away"));
        assertThat(verify(entry, false).damage()).extracting(Damage::what).containsExactly("it is missing");
    }

    @ParameterizedTest
    @EnumSource(RootfsKind.class)
    void entriesWithoutSumsAreVerifiedByTheirListAlone(RootfsKind kind) throws Exception {
        Entry entry = images.stage("1", kind);
        EntryDocument now = entry.document();
        EntryDocument before = new EntryDocument(
                now.digest(),
                now.references(),
                now.platform(),
                now.configDigest(),
                now.layers(),
                now.kind(),
                now.bytes(),
                now.inodes(),
                now.publication(),
                now.createdAt(),
                now.createdBy());
        Files.write(entry.directory().resolve("entry.json"), before.toJson());
        assertThat(verify(entry, true).isWhole()).isTrue();
        flip(file(entry), kind == RootfsKind.DIR ? 3 : 150);
        assertThat(verify(entry, true).isWhole()).isFalse();
    }

    @Test
    void whatIsNotThereIsNotDamaged() throws Exception {
        assertThat(new Verifier(images.cache(), _ -> {}).verify(Digest.sha256(new byte[0]), true))
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource(RootfsKind.class)
    void aDamagedImageIsReplacedAndTheOldOneStaysForWhoRunsFromIt(RootfsKind kind) throws Exception {
        Entry entry = images.stage("1", kind);
        flip(file(entry), 5);
        Path old = root.resolve("held");
        Files.createLink(old, file(entry));
        assertThat(verify(entry, true).isWhole()).isFalse();
        assertThat(images.restage(entry, "1")).isTrue();
        Entry now = images.cache().find(entry.document().digest()).orElseThrow();
        assertThat(now.document().publication()).isNotEqualTo(entry.document().publication());
        assertThat(verify(now, true).isWhole()).isTrue();
        assertThat((int) Files.getAttribute(old, "unix:nlink")).isEqualTo(2);
        assertThat(images.restage(entry, "1")).as("another did it already").isFalse();
    }

    @Test
    void theOrderIsThatOfAWalk() {
        List<String> walked = List.of("", "a", "a/b", "a/b/c", "a/b.c", "a.c", "b");
        for (int i = 0; i < walked.size(); i++) {
            for (int j = 0; j < walked.size(); j++) {
                int order = TreeCheck.compare(ByteString.utf8(walked.get(i)), ByteString.utf8(walked.get(j)));
                assertThat(Integer.signum(order)).isEqualTo(Integer.compare(i, j));
            }
        }
    }

    private static Path file(Entry entry) {
        return entry.document().kind() == RootfsKind.DIR ? entry.rootfs().resolve("a.c") : entry.rootfs();
    }

    private Verified verify(Entry entry, boolean deep) throws Exception {
        Optional<Verified> verified =
                new Verifier(images.cache(), _ -> {}).verify(entry.document().digest(), deep);
        return verified.orElseThrow();
    }

    private static void flip(Path file, long place) throws IOException {
        try (var channel = Files.newByteChannel(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            var one = java.nio.ByteBuffer.allocate(1);
            channel.position(place).read(one);
            one.flip();
            one.put(0, (byte) (one.get(0) ^ 0x41));
            channel.position(place).write(one);
        }
    }
}
