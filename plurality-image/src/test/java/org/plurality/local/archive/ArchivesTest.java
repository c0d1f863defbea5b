// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.plurality.fake.FakeImage.utf8;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.CompressorStreamFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.plurality.cache.Cache;
import org.plurality.cache.Scratch;
import org.plurality.display.Progress;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.fake.FakeArchive;
import org.plurality.fake.FakeImage;
import org.plurality.image.Descriptor;
import org.plurality.image.ImageReader;
import org.plurality.image.Manifest;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;

class ArchivesTest {
    private static final long MAX = 1 << 20;

    @TempDir
    Path root;

    private final FakeImage image = new FakeImage(7, 3, 5000);
    private Cache cache;

    @BeforeEach
    void openCache() throws PluralityException {
        cache = Cache.openOrCreate(root.resolve("cache"));
    }

    @Test
    void layoutArchiveAndSavedImageHaveOneDigest() throws Exception {
        FakeArchive layout = FakeArchive.layout(image, "1");
        Path directory = layout.writeTo(root.resolve("layout"));
        assertReads(Archives.ociLayout(directory, null, "oci:x"));
        assertReads(Archives.ociLayout(directory, "1", "oci:x"));
        try (Scratch scratch = cache.scratch()) {
            assertReads(archives(scratch).ociArchive(layout.tar(root.resolve("oci.tar")), "1", "x"));
            Path saved = FakeArchive.saved(image, "busybox:1").tar(root.resolve("saved.tar"));
            assertReads(archives(scratch).dockerArchive(saved, null, "x"));
            assertReads(archives(scratch).dockerArchive(saved, "busybox:1", "x"));
            assertReads(archives(scratch).dockerArchive(saved, "docker.io/library/busybox:1", "x"));
            assertReads(archives(scratch).dockerArchive(saved, "@0", "x"));
        }
    }

    /** {@code ctr images export x.tar A:latest B:latest} writes two such images. */
    @ParameterizedTest
    @ValueSource(strings = {"", "linux/amd64"})
    void imagesWithOneTagAreToldApartByTheirWholeNames(String platform) throws Exception {
        FakeImage other = new FakeImage(8, 1, 100);
        Path tar = FakeArchive.layout()
                .add(other, "latest", "docker.io/library/a:latest", platform)
                .add(image, "latest", "docker.io/library/b:latest", platform)
                .tar(root.resolve("both.tar"));
        try (Scratch scratch = cache.scratch()) {
            for (String tag : new String[] {null, "latest"}) {
                assertFails(
                        archives(scratch).ociArchive(tar, tag, "x"),
                        FailureKind.USAGE,
                        "it has docker.io/library/a:latest, docker.io/library/b:latest");
            }
            for (String name : List.of("docker.io/library/b:latest", "b:latest", "b")) {
                try (ImageReader reader = archives(scratch).ociArchive(tar, name, "x")) {
                    assertThat(reader.manifest().digest()).as(name).isEqualTo(image.digest());
                    assertThat(reader.names()).containsExactly(ImageReference.parse("b:latest"));
                }
            }
        }
    }

    @Test
    void tagOfTwoImagesWithoutWholeNamesIsRefused() throws Exception {
        FakeImage other = new FakeImage(8, 1, 100);
        Path tar = FakeArchive.layout()
                .add(other, "latest", "", "linux/amd64")
                .add(image, "latest", "", "linux/amd64")
                .tar(root.resolve("both.tar"));
        try (Scratch scratch = cache.scratch()) {
            assertFails(archives(scratch).ociArchive(tar, "latest", "x"), FailureKind.USAGE, "several images");
        }
    }

    @Test
    void platformsOfOneImageAreItsIndex() throws Exception {
        FakeImage other = new FakeImage(8, 1, 100);
        Path tar = FakeArchive.layout()
                .add(other, "latest", "docker.io/library/a:latest", "linux/arm64")
                .add(image, "latest", "docker.io/library/a:latest", "linux/amd64")
                .tar(root.resolve("both.tar"));
        try (Scratch scratch = cache.scratch();
                ImageReader reader = archives(scratch).ociArchive(tar, "latest", "x")) {
            assertThat(((Manifest.Index) reader.manifest()).manifests()).hasSize(2);
            assertThat(reader.names()).containsExactly(ImageReference.parse("a:latest"));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void compressedArchiveIsReadFromFileAndStream(boolean zstd) throws Exception {
        byte[] tar = FakeArchive.saved(image, "busybox:1").tarBytes();
        byte[] compressed = zstd ? Zstd.compress(tar) : gzip(tar);
        Path file = Files.write(root.resolve("saved"), compressed);
        try (Scratch scratch = cache.scratch()) {
            assertReads(archives(scratch).dockerArchive(file, null, "x"));
            assertReads(archives(scratch).dockerArchive(new ByteArrayInputStream(compressed), null, "x"));
        }
        assertThat(tmp()).isEmpty();
    }

    @Test
    void compressedLayerOfASavedImageCountsAsItsTar() throws Exception {
        FakeArchive saved = FakeArchive.saved(image, "busybox:1");
        saved.put("layer-1.tar", gzip(image.layer(1)));
        try (Scratch scratch = cache.scratch()) {
            assertReads(archives(scratch).dockerArchive(saved.tar(root.resolve("t")), null, "x"));
        }
    }

    @Test
    void linkedLayerIsTheFileItLeadsTo() throws Exception {
        FakeArchive saved = FakeArchive.saved(image, "busybox:1");
        saved.link("a/layer.tar", "../layer-0.tar").link("b/layer.tar", "../a/./layer.tar");
        saved.replaceInManifest("\"layer-0.tar\"", "\"./b/layer.tar\"");
        try (Scratch scratch = cache.scratch()) {
            assertReads(archives(scratch).dockerArchive(saved.tar(root.resolve("t")), null, "x"));
        }
    }

    @Test
    void savedImageThatIsALayoutTooKeepsItsOwnManifest() throws Exception {
        FakeArchive both = FakeArchive.layout(image, "1");
        String blobs = "blobs/sha256/";
        byte[] config = image.config();
        byte[] real = utf8(new String(image.manifest(), java.nio.charset.StandardCharsets.UTF_8)
                .replace("\"schemaVersion\":2,", "\"schemaVersion\":2, "));
        both.put(blobs + Digest.sha256(real).hex(), real);
        both.put(
                "index.json",
                FakeImage.index(
                        FakeImage.entry(FakeImage.MANIFEST_TYPE, utf8("{\"gone\":1}"), "linux/arm64"),
                        FakeImage.entry(FakeImage.MANIFEST_TYPE, real, "linux/amd64")));
        both.put(
                "manifest.json",
                utf8("[{\"Config\":\"" + blobs + Digest.sha256(config).hex()
                        + "\",\"RepoTags\":[\"docker.io/library/x:1\"],\"Layers\":[\"" + blobs
                        + image.layerDigest(0).hex() + "\",\"" + blobs
                        + image.layerDigest(1).hex() + "\",\"" + blobs
                        + image.layerDigest(2).hex() + "\"]}]"));
        try (Scratch scratch = cache.scratch();
                ImageReader reader = archives(scratch).dockerArchive(both.tar(root.resolve("t")), null, "x")) {
            assertThat(reader.manifest().digest()).isEqualTo(Digest.sha256(real));
            assertThat(reader.names()).containsExactly(ImageReference.parse("x:1"));
            Manifest.Image read = (Manifest.Image) reader.manifest();
            assertThat(bytes(reader, read.layers().get(2))).isEqualTo(image.layer(2));
        }
    }

    @Test
    void namesAreThoseThatSayWhereTheImageIsFrom() throws Exception {
        for (Map.Entry<String, List<String>> named : Map.of(
                        "1", List.<String>of(),
                        "example.org/a/b:2", List.of("example.org/a/b:2"),
                        "docker.io/library/c:3", List.of("docker.io/library/c:3"),
                        "b/c:3", List.<String>of())
                .entrySet()) {
            Path directory = FakeArchive.layout(image, named.getKey())
                    .writeTo(root.resolve(
                            "n" + named.getKey().length() + named.getKey().charAt(0)));
            try (ImageReader reader = Archives.ociLayout(directory, null, "x")) {
                assertThat(reader.manifest().digest()).isEqualTo(image.digest());
                assertThat(reader.names().stream().map(ImageReference::toString))
                        .isEqualTo(named.getValue());
            }
        }
    }

    @Test
    void oneOfSeveralImagesMustBeNamed() throws Exception {
        FakeImage other = new FakeImage(8, 1, 100);
        FakeArchive layout = FakeArchive.layout(image, "one").add(other, "two");
        Path directory = layout.writeTo(root.resolve("layout"));
        assertFails(Archives.ociLayout(directory, null, "oci:x"), FailureKind.USAGE, "one, two");
        assertFails(Archives.ociLayout(directory, "three", "oci:x"), FailureKind.NOT_FOUND, "one, two");
        try (ImageReader reader = Archives.ociLayout(directory, "two", "oci:x")) {
            assertThat(reader.manifest().digest()).isEqualTo(other.digest());
        }
        FakeArchive saved = FakeArchive.saved(image, "a:1").save(other, "b:2");
        Path tar = saved.tar(root.resolve("t"));
        try (Scratch scratch = cache.scratch()) {
            assertFails(archives(scratch).dockerArchive(tar, null, "x"), FailureKind.USAGE, "docker.io/library/a:1");
            assertFails(archives(scratch).dockerArchive(tar, "c", "x"), FailureKind.NOT_FOUND, "docker.io/library/b:2");
            assertFails(archives(scratch).dockerArchive(tar, "@2", "x"), FailureKind.NOT_FOUND, "b:2");
            assertFails(archives(scratch).dockerArchive(tar, "UP/x", "x"), FailureKind.USAGE, "no image's name");
            try (ImageReader reader = archives(scratch).dockerArchive(tar, "b:2", "x")) {
                assertThat(reader.manifest().digest()).isEqualTo(other.digest());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "oci-layout,{\"imageLayoutVersion\":\"2.0.0\"},version is 2.0.0",
        "oci-layout,[],not understood",
        "index.json,{},index is empty",
        "index.json,x,not understood"
    })
    void damagedLayoutIsRefused(String name, String content, String why) throws Exception {
        Path directory = FakeArchive.layout(image, "1").put(name, utf8(content)).writeTo(root.resolve("layout"));
        assertFails(
                Archives.ociLayout(directory, null, "x"),
                why.contains("empty") ? FailureKind.NOT_FOUND : FailureKind.INTEGRITY,
                why);
    }

    @Test
    void blobsOfALayoutAreVerified() throws Exception {
        String manifest = "blobs/sha256/" + image.digest().hex();
        String config = "blobs/sha256/" + image.configDigest().hex();
        String layer = "blobs/sha256/" + image.layerDigest(1).hex();
        byte[] flipped = image.layer(1);
        flipped[17] ^= 1;
        for (Map.Entry<String, byte[]> damage : Map.of(
                        manifest, Arrays.copyOf(image.manifest(), 100), config, new byte[300], layer, flipped)
                .entrySet()) {
            FakeArchive layout = FakeArchive.layout(image, "1").put(damage.getKey(), damage.getValue());
            Path directory = layout.writeTo(root.resolve("l" + damage.getKey().substring(13, 20)));
            assertThatThrownBy(() -> readAll(Archives.ociLayout(directory, null, "oci:x")))
                    .isInstanceOfSatisfying(
                            PluralityException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.INTEGRITY));
            FakeArchive without = FakeArchive.layout(image, "1").remove(damage.getKey());
            Path lacking = without.writeTo(root.resolve("m" + damage.getKey().substring(13, 20)));
            assertThatThrownBy(() -> readAll(Archives.ociLayout(lacking, null, "oci:x")))
                    .isInstanceOfSatisfying(PluralityException.class, e -> {
                        assertThat(e.kind()).isEqualTo(FailureKind.INTEGRITY);
                        assertThat(e).hasMessageContaining("it has no blob");
                    });
        }
    }

    @Test
    void hostileSavedImagesAreRefused() throws Exception {
        Files.write(root.resolve("outside.tar"), image.layer(0));
        Map<FakeArchive, String> hostile = new LinkedHashMap<>();
        hostile.put(saved().replaceInManifest("\"layer-0.tar\"", "\"../outside.tar\""), "outside of it");
        hostile.put(saved().replaceInManifest("\"layer-0.tar\"", "\"" + root + "/outside.tar\""), "does not have");
        hostile.put(
                saved().link("x.tar", "../outside.tar").replaceInManifest("\"layer-0.tar\"", "\"x.tar\""),
                "does not have");
        hostile.put(
                saved().link("x.tar", root + "/outside.tar").replaceInManifest("\"layer-0.tar\"", "\"x.tar\""),
                "does not have");
        hostile.put(
                saved().link("x.tar", "y.tar").link("y.tar", "x.tar").replaceInManifest("\"layer-0.tar\"", "\"x.tar\""),
                "does not have");
        hostile.put(saved().remove("layer-2.tar"), "layer-2.tar, which it does not have");
        hostile.put(saved().put("layer-2.tar", image.layer(1)), "digest");
        hostile.put(saved().put("layer-1.tar", new byte[10]), "digest");
        hostile.put(saved().put("layer-1.tar", gzip(new byte[2 << 20])), "raise max_bytes");
        hostile.put(saved().put(image.configDigest().hex() + ".json", utf8("{}")), "but has the digest");
        hostile.put(saved().replaceInManifest("\"layer-0.tar\",", ""), "2 layers, its configuration 3");
        hostile.put(saved().put("manifest.json", utf8("{}")), "not understood");
        hostile.put(saved().put("manifest.json", utf8("[],\"x\":[]")), "not understood");
        hostile.put(saved().put("manifest.json", utf8("[]")), "lists no image");
        hostile.put(saved().put("manifest.json", new byte[9 << 20]), "larger than");
        hostile.put(saved().remove("manifest.json"), "no manifest.json");
        hostile.put(saved().twice("layer-1.tar", image.layer(0)), "two members");
        hostile.put(saved().twice("layer-1.tar", Arrays.copyOf(image.layer(1), 1024)), "two members");
        int count = 0;
        for (Map.Entry<FakeArchive, String> entry : hostile.entrySet()) {
            Path tar = entry.getKey().tar(root.resolve("hostile" + count++));
            assertRefused(tar, entry.getValue());
        }
        byte[] whole = saved().tarBytes();
        assertRefused(Files.write(root.resolve("cut"), Arrays.copyOf(whole, whole.length / 2)), "ends too early");
        assertRefused(Files.write(root.resolve("text"), utf8("hello".repeat(300))), "tar header");
        assertRefused(Files.write(root.resolve("bomb"), gzip(new byte[3 << 20])), "raise max_bytes");
        assertThat(tmp()).isEmpty();
    }

    /** Docker loads these: a path of a layer from the archive's root, and the same member twice. */
    @Test
    void variantsOfSavedImagesThatDockerLoadsAreRead() throws Exception {
        List<FakeArchive> variants = List.of(
                saved().replaceInManifest("\"layer-0.tar\"", "\"/layer-0.tar\""),
                saved().replaceInManifest("\"layer-0.tar\"", "\"./x/../layer-0.tar\""),
                saved().twice("layer-1.tar", image.layer(1)));
        for (FakeArchive variant : variants) {
            try (Scratch scratch = cache.scratch()) {
                assertReads(archives(scratch).dockerArchive(variant.tar(root.resolve("variant")), null, "x"));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bzip2", "xz", "lz4-framed", "gz", "zstd"})
    void compressedArchiveIsRead(String kind) throws Exception {
        Path file = root.resolve("archive");
        try (OutputStream out =
                new CompressorStreamFactory().createCompressorOutputStream(kind, Files.newOutputStream(file))) {
            out.write(saved().tarBytes());
        }
        try (Scratch scratch = cache.scratch()) {
            assertReads(archives(scratch).dockerArchive(file, null, "x"));
        }
    }

    @Test
    void whatIsNotThereIsNamed() throws Exception {
        assertFails(Archives.ociLayout(root.resolve("none"), null, "oci:none"), FailureKind.NOT_FOUND, "oci:none");
        try (Scratch scratch = cache.scratch()) {
            assertThatThrownBy(() -> archives(scratch).ociArchive(root.resolve("none"), null, "oci-archive:none"))
                    .isInstanceOfSatisfying(PluralityException.class, e -> {
                        assertThat(e.kind()).isEqualTo(FailureKind.NOT_FOUND);
                        assertThat(e).hasMessageContaining("oci-archive:none").hasMessageContaining("no such file");
                    });
        }
    }

    private FakeArchive saved() {
        return FakeArchive.saved(image, "busybox:1");
    }

    private void assertRefused(Path tar, String why) throws Exception {
        try (Scratch scratch = cache.scratch()) {
            assertThatThrownBy(() -> readAll(archives(scratch).dockerArchive(tar, null, "docker-archive:x")))
                    .as(why)
                    .isInstanceOfSatisfying(PluralityException.class, e -> {
                        assertThat(e.kind()).as(e.getMessage()).isEqualTo(FailureKind.INTEGRITY);
                        assertThat(e.getMessage() + e.hint()).contains(why).contains("docker-archive:x");
                    });
        }
    }

    private static void assertFails(ImageReader reader, FailureKind kind, String why) {
        assertThatThrownBy(reader::manifest).isInstanceOfSatisfying(PluralityException.class, e -> {
            assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind);
            assertThat(e).hasMessageContaining(why);
        });
        reader.close();
    }

    private void assertReads(ImageReader reader) throws Exception {
        assertThat(readAll(reader)).isEqualTo(image.digest());
    }

    /** Everything in it, compared where it can be. */
    private Digest readAll(ImageReader reader) throws PluralityException, IOException {
        try (reader) {
            Manifest.Image read = (Manifest.Image) reader.manifest();
            assertThat(reader.config(read.config())).isEqualTo(image.config());
            for (int i = 0; i < read.layers().size(); i++) {
                assertThat(bytes(reader, read.layers().get(i))).isEqualTo(image.layer(i));
            }
            return read.digest();
        }
    }

    private static byte[] bytes(ImageReader reader, Descriptor layer) throws PluralityException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        reader.layer(layer, (buffer, length) -> bytes.write(buffer, 0, length));
        return bytes.toByteArray();
    }

    private static Archives archives(Scratch scratch) {
        return new Archives(scratch, MAX, new Progress.Quiet());
    }

    private List<String> tmp() throws IOException {
        try (Stream<Path> files = Files.list(root.resolve("cache/tmp"))) {
            return files.map(Path::toString).toList();
        }
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(bytes);
        }
        return compressed.toByteArray();
    }
}
