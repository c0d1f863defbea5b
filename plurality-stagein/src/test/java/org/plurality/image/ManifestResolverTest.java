package org.plurality.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.List;
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
        "linux/amd64/v3, amd64/v2 amd64, amd64",
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

    private static Digest resolve(String wanted, List<String> platforms) throws Exception {
        List<String> entries = new ArrayList<>();
        for (String platform : platforms) {
            String[] parts = platform.split("/", -1);
            entries.add("{\"mediaType\":\"" + FakeImage.MANIFEST_TYPE + "\",\"digest\":\"" + digest(platform)
                    + "\",\"size\":2,\"platform\":{\"os\":\"linux\",\"architecture\":\"" + parts[0]
                    + (parts.length > 1 ? "\",\"variant\":\"" + parts[1] : "") + "\"}}");
        }
        byte[] index = FakeImage.index(entries.toArray(String[]::new));
        Manifest manifest = ManifestParser.parse(Digest.sha256(index), index, FakeImage.INDEX_TYPE);
        return new ManifestResolver(new OneDocument(manifest), Platform.parse(wanted))
                .resolve()
                .digest();
    }

    private static Digest digest(String platform) {
        return Digest.sha256(FakeImage.utf8(platform));
    }

    /** A place that has an index and nothing that it names. */
    private record OneDocument(Manifest manifest) implements ImageReader {
        @Override
        public List<ImageReference> names() {
            return List.of();
        }

        @Override
        public Manifest manifest(Digest digest) {
            throw new AssertionError(digest + " was asked for");
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
