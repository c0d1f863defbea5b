// SPDX-License-Identifier: Apache-2.0
package org.plurality.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.fake.FakeImage;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;

/** Which image of an index is taken. */
class ManifestResolverTest {
    @ParameterizedTest
    @CsvSource({
        // As Debian's and Alpine's images list them.
        "linux/arm/v7, amd64 arm/v5 arm/v6 arm/v7 arm64/v8, arm/v7",
        "linux/arm/v6, amd64 arm/v5 arm/v6 arm/v7 arm64/v8, arm/v6",
        "linux/arm/v5, amd64 arm/v5 arm/v6 arm/v7 arm64/v8, arm/v5",
        "linux/arm, amd64 arm/v5 arm/v6 arm/v7 arm64/v8, arm/v7",
        "linux/arm64, amd64 arm/v5 arm/v6 arm/v7 arm64/v8, arm64/v8",
        "linux/arm64/v8, amd64 arm/v5 arm/v6 arm/v7 arm64/v8, arm64/v8",
        "linux/arm64/v8, arm/v7 arm64, arm64",
        // A newer one runs what is for older ones, the newest of these; an older one nothing newer.
        "linux/arm/v7, arm/v5 arm/v6 arm64, arm/v6",
        "linux/arm/v7, arm64 arm/v5, arm/v5",
        "linux/arm/v8, arm/v6 arm/v7 arm64/v8, arm/v7",
        "linux/arm/v6, arm/v7 arm64/v8, ''",
        "linux/arm/v7, arm/v8 arm64/v8, ''",
        "linux/arm, arm/v6 arm/v5, arm/v6",
        "linux/arm64, arm/v8 arm/v7, ''",
        // What names no variant does for all, but what names one does better.
        "linux/arm/v7, arm arm/v7, arm/v7",
        "linux/arm/v7, arm arm64, arm",
        "linux/arm, arm/v7 arm, arm",
        "linux/amd64, amd64/v3 amd64, amd64",
        "linux/amd64, amd64/v2, amd64/v2",
        // A higher level of x86-64 runs what is for lower ones; without a level, the lowest is the safe one.
        "linux/amd64/v3, amd64/v2 amd64, amd64/v2",
        "linux/amd64/v3, amd64/v4 amd64, amd64",
        "linux/amd64/v3, amd64/v4, ''",
        "linux/amd64, amd64/v4 amd64/v3 amd64/v2, amd64/v2",
        "linux/amd64, amd64/v3 amd64/v1, amd64/v1",
        "linux/amd64/v1, amd64/v2 amd64, amd64",
        "linux/amd64/v4, amd64/v2 amd64/v3, amd64/v3",
        // Names that other tools have for the same.
        "linux/amd64, x86_64, x86_64",
        "linux/amd64, arm64 X86-64, X86-64",
        "linux/x86_64, amd64, amd64",
        "linux/arm64, aarch64, aarch64",
        "linux/aarch64, arm64/8, arm64/8",
        "linux/arm/v7, armhf armel, armhf",
        "linux/arm/v6, armhf armel, armel",
        "linux/arm/v7, arm/7 arm/6, arm/7",
        "linux/386, i386 amd64, i386",
        "linux/arm64/v9, arm64/v8 arm64/v9, arm64/v9",
        "linux/ppc64le, ppc64le/power9 ppc64le/power8, ppc64le/power8",
        "linux/arm64/v9, arm64/v8, arm64/v8"
    })
    void variantThatFitsBestIsTaken(String wanted, String listed, String chosen) throws Exception {
        List<String> platforms = List.of(listed.split(" "));
        if (chosen.isEmpty()) {
            PluralityException failure =
                    catchThrowableOfType(PluralityException.class, () -> resolve(wanted, platforms));
            assertThat(failure.kind()).isEqualTo(FailureKind.NOT_FOUND);
            assertThat(failure).hasMessageContaining("cannot find an image for " + wanted);
        } else {
            assertThat(resolve(wanted, platforms)).isEqualTo(digest(chosen));
        }
    }

    @Test
    void orderOfTheIndexDoesNotMatter() throws Exception {
        List<String> platforms = new ArrayList<>(List.of("arm/v5", "arm/v6", "arm/v7", "arm64/v8", "amd64"));
        for (int turn = 0; turn < platforms.size(); turn++) {
            for (String wanted : List.of("arm/v5", "arm/v6", "arm/v7", "amd64")) {
                assertThat(resolve("linux/" + wanted, platforms)).isEqualTo(digest(wanted));
            }
            platforms.addLast(platforms.removeFirst());
        }
    }

    @Test
    void oneDescriptorWithAnUnknownDigestAlgorithmKeepsNobodyFromTheOthers() throws Exception {
        String good = FakeImage.entry(FakeImage.MANIFEST_TYPE, FakeImage.utf8("amd64"), "linux/amd64");
        String odd = FakeImage.entry(FakeImage.MANIFEST_TYPE, FakeImage.utf8("arm64"), "linux/arm64")
                .replaceAll("sha256:[0-9a-f]{64}", "blake3:" + "a".repeat(64));
        byte[] index = FakeImage.index(odd, good);
        assertThat(resolve("linux/amd64", index, Map.of())).isEqualTo(digest("amd64"));
        PluralityException failure =
                catchThrowableOfType(PluralityException.class, () -> resolve("linux/arm64", index, Map.of()));
        assertThat(failure.kind()).isEqualTo(FailureKind.NOT_FOUND);
        assertThat(failure).hasMessageContaining("digests of an algorithm that is not known here: 1");
    }

    @Test
    void onlyImageAmongEntriesWithoutAPlatformIsTaken() throws Exception {
        byte[] image = new FakeImage(1, 1, 10).manifest();
        byte[] artifact = FakeImage.utf8(new String(image, StandardCharsets.UTF_8)
                .replace("application/vnd.oci.image.config.v1+json", "application/vnd.oci.empty.v1+json"));
        byte[] index = FakeImage.index(
                FakeImage.entry(FakeImage.MANIFEST_TYPE, artifact, ""),
                FakeImage.entry(FakeImage.MANIFEST_TYPE, image, ""));
        Map<Digest, byte[]> documents = Map.of(Digest.sha256(image), image, Digest.sha256(artifact), artifact);
        assertThat(resolve("linux/amd64", index, documents)).isEqualTo(Digest.sha256(image));
        // What says so itself is not even fetched.
        byte[] announced = FakeImage.utf8(new String(index, StandardCharsets.UTF_8)
                .replace(
                        "\"digest\":\"" + Digest.sha256(artifact) + "\"",
                        "\"artifactType\":\"application/vnd.example\",\"digest\":\"" + Digest.sha256(artifact) + "\""));
        assertThat(resolve("linux/amd64", announced, Map.of())).isEqualTo(Digest.sha256(image));
        byte[] twoImages = FakeImage.index(
                FakeImage.entry(FakeImage.MANIFEST_TYPE, image, ""),
                FakeImage.entry(FakeImage.MANIFEST_TYPE, new FakeImage(2, 1, 10).manifest(), ""));
        Map<Digest, byte[]> both = Map.of(
                Digest.sha256(image), image, new FakeImage(2, 1, 10).digest(), new FakeImage(2, 1, 10).manifest());
        assertThat(catchThrowableOfType(PluralityException.class, () -> resolve("linux/amd64", twoImages, both))
                        .kind())
                .isEqualTo(FailureKind.NOT_FOUND);
    }

    private static Digest resolve(String wanted, List<String> platforms) throws Exception {
        List<String> entries = new ArrayList<>();
        for (String platform : platforms) {
            String[] parts = platform.split("/", -1);
            entries.add("{\"mediaType\":\"" + FakeImage.MANIFEST_TYPE + "\",\"digest\":\"" + digest(platform)
                    + "\",\"size\":2,\"platform\":{\"os\":\"linux\",\"architecture\":\"" + parts[0]
                    + (parts.length > 1 ? "\",\"variant\":\"" + parts[1] : "") + "\"}}");
        }
        return resolve(wanted, FakeImage.index(entries.toArray(String[]::new)), Map.of());
    }

    private static Digest resolve(String wanted, byte[] index, Map<Digest, byte[]> documents) throws Exception {
        Manifest manifest = ManifestParser.parse(Digest.sha256(index), index, FakeImage.INDEX_TYPE);
        return new ManifestResolver(new Documents(manifest, documents), Platform.parse(wanted))
                .resolve()
                .digest();
    }

    private static Digest digest(String platform) {
        return Digest.sha256(FakeImage.utf8(platform));
    }

    /** A place that has an index and some of what it names. */
    private record Documents(Manifest manifest, Map<Digest, byte[]> documents) implements ImageReader {
        @Override
        public List<ImageReference> names() {
            return List.of();
        }

        @Override
        public Manifest manifest(Digest digest) throws PluralityException {
            byte[] document = documents.get(digest);
            if (document == null) {
                throw new AssertionError(digest + " was asked for");
            }
            try {
                return ManifestParser.parse(digest, document, null);
            } catch (IOException e) {
                throw new PluralityException(FailureKind.INTEGRITY, "cannot read it", "none", e);
            }
        }

        @Override
        public byte[] config(Descriptor config) {
            throw new AssertionError(config + " was asked for");
        }

        @Override
        public void layer(Descriptor layer, BlobSink sink) {
            throw new AssertionError(layer + " was asked for");
        }

        @Override
        public void cancel() {}

        @Override
        public void close() {}
    }
}
