// SPDX-License-Identifier: Apache-2.0
package org.plurality.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.blobs.BlobSweep;
import org.plurality.cache.Cache;
import org.plurality.cache.CacheLayout;
import org.plurality.cache.RootfsKind;
import org.plurality.display.Progress;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.fake.FakeFaults;
import org.plurality.fake.FakeImage;
import org.plurality.fake.FakePlaces;
import org.plurality.fake.FakeRegistry;
import org.plurality.fake.FakeRootfs;
import org.plurality.json.JsonObject;
import org.plurality.process.ProcessIdentity;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;
import org.plurality.remote.credentials.Credentials;
import org.plurality.remote.registry.CertificateBundles;
import org.plurality.remote.registry.EnvironmentProxies;
import org.plurality.remote.registry.HttpClients;
import org.plurality.remote.registry.HttpTrace;
import org.plurality.remote.registry.InsecureRegistries;
import org.plurality.remote.registry.Registry;
import org.plurality.remote.registry.RetryPolicy;

/** What stays of fetched layers, and what later pulls make of it. */
@Tag("slow")
class KeptBlobsTest {
    private static final int SIZE = 300_000;
    private static final RetryPolicy SHORT = new RetryPolicy(
            Duration.ofSeconds(2), Duration.ofSeconds(1), 2, Duration.ofMillis(5), Duration.ofSeconds(2));

    @TempDir
    private Path root;

    private final FakeRegistry registry;
    private final FakeImage image = new FakeImage(1, 3, SIZE);

    KeptBlobsTest() throws IOException {
        registry = new FakeRegistry().add("1", image);
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void failedPullIsTakenUpWhereItEnded() throws Exception {
        breakOff(200_000);
        assertThat(partials()).hasSize(1);
        pull("1", Duration.ZERO);
        assertThat(registry.received())
                .filteredOn(
                        request -> request.path().endsWith(image.layerDigest(1).toString()))
                .last()
                .extracting(FakeRegistry.Received::range)
                .isEqualTo("bytes=200000-299999");
        assertThat(blobs()).isEmpty();
    }

    @Test
    void layersThatCameWholeAreNotFetchedAgainAfterAFailure() throws Exception {
        breakOff(200_000);
        pull("1", Duration.ZERO);
        assertThat(registry.count(image.layerDigest(0).toString())).isEqualTo(1);
    }

    @Test
    void partialBlobThatIsWrongIsFetchedAnewOnce() throws Exception {
        breakOff(200_000);
        Path partial = partials().getFirst();
        byte[] bytes = Files.readAllBytes(partial);
        bytes[1000] ^= 1;
        Files.write(partial, bytes);
        assertThat(pull("1", Duration.ZERO).alreadyPresent()).isFalse();
        assertThat(blobs()).isEmpty();
        assertThat(Files.readAllBytes(entry().resolve("rootfs/layer-1"))).isEqualTo(image.layer(1));
    }

    @Test
    void partialBlobThatIsLongerThanTheLayerOrNoFileIsLeftAlone() throws Exception {
        CacheLayout layout = layout();
        Files.createDirectories(layout.partialBlobs());
        Files.write(layout.partialBlob(image.layerDigest(0), "long"), new byte[SIZE + 1]);
        Files.createSymbolicLink(layout.partialBlob(image.layerDigest(1), "link"), root.resolve("victim"));
        Files.write(root.resolve("victim"), new byte[100]);
        Path linked = layout.partialBlob(image.layerDigest(2), "hard");
        Files.createLink(linked, root.resolve("victim"));
        pull("1", Duration.ZERO);
        assertThat(Files.readAllBytes(root.resolve("victim"))).isEqualTo(new byte[100]);
    }

    @Test
    void partialBlobOfALivingProcessIsNotTaken() throws Exception {
        breakOff(200_000);
        Path partial = partials().getFirst();
        Files.write(layout().partialOwner(partial), JsonObject.write(ProcessIdentity.current()::write));
        pull("1", Duration.ZERO);
        assertThat(Files.size(partial)).isEqualTo(200_000);
        assertThat(registry.received())
                .filteredOn(
                        request -> request.path().endsWith(image.layerDigest(1).toString()))
                .last()
                .extracting(FakeRegistry.Received::range)
                .isNull();
    }

    @Test
    void partialBlobFromAnotherHostIsTakenOnceItIsSilent() throws Exception {
        breakOff(200_000);
        Path partial = partials().getFirst();
        ProcessIdentity self = ProcessIdentity.current();
        ProcessIdentity elsewhere = new ProcessIdentity("elsewhere", "b", 1, 1, self.pidNamespace(), self.uid());
        Files.write(layout().partialOwner(partial), JsonObject.write(elsewhere::write));
        Files.setLastModifiedTime(partial, FileTime.from(Instant.now().minus(Duration.ofHours(1))));
        pull("1", Duration.ZERO);
        assertThat(partial).doesNotExist();
        assertThat(registry.received()).anyMatch(request -> "bytes=200000-299999".equals(request.range()));
    }

    @Test
    void sharedLayersAreFetchedOnceWhileTheyAreKept() throws Exception {
        FakeImage other = new FakeImage(List.of(image.layer(0), image.layer(1), FakeImage.utf8("new")));
        registry.add("2", other);
        pull("1", Duration.ofDays(1));
        pull("2", Duration.ofDays(1));
        assertThat(registry.count(image.layerDigest(0).toString())).isEqualTo(1);
        assertThat(registry.count(image.layerDigest(1).toString())).isEqualTo(1);
        assertThat(blobs()).hasSize(4);
    }

    @Test
    void keptBlobThatIsWrongIsFetchedAnew() throws Exception {
        pull("1", Duration.ofDays(1));
        byte[] wrong = image.layer(1);
        wrong[7] ^= 1;
        Files.write(layout().blob(image.layerDigest(1)), wrong);
        registry.add("2", new FakeImage(List.of(image.layer(1))));
        assertThat(pull("2", Duration.ofDays(1)).alreadyPresent()).isFalse();
        assertThat(registry.count(image.layerDigest(1).toString())).isEqualTo(2);
        assertThat(Files.readAllBytes(layout().blob(image.layerDigest(1)))).isEqualTo(image.layer(1));
    }

    @Test
    void corruptedLayerLeavesNothingBehind() throws Exception {
        registry.blob(image.layerDigest(1), new byte[SIZE]);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> pull("1", Duration.ZERO))
                    .isInstanceOfSatisfying(
                            PluralityException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.INTEGRITY));
        }
        assertThat(partials())
                .noneMatch(file -> file.toString().contains(image.layerDigest(1).hex()));
        assertThat(blobs()).isEmpty();
    }

    @Test
    void sweepRemovesWhatWasNotUsedForLongEnough() throws Exception {
        pull("1", Duration.ofDays(1));
        Files.setLastModifiedTime(
                layout().blob(image.layerDigest(0)), FileTime.from(Instant.now().minus(Duration.ofHours(25))));
        Files.setLastModifiedTime(
                layout().blob(image.layerDigest(1)), FileTime.from(Instant.now().minus(Duration.ofHours(23))));
        Path old = layout().partialBlob(image.layerDigest(1), "old");
        Files.write(old, new byte[5]);
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(8))));
        BlobSweep sweep = new BlobSweep(layout(), Duration.ofDays(1));
        assertThat(sweep.sweep(true)).isEqualTo(new BlobSweep.Swept(2, SIZE + 5));
        assertThat(sweep.sweep(false)).isEqualTo(new BlobSweep.Swept(2, SIZE + 5));
        assertThat(blobs()).hasSize(2);
        assertThat(partials()).isEmpty();
    }

    @Test
    void registryThatTricklesIsGivenUp() {
        byte[] layer = image.layer(1);
        registry.misbehave(FakeFaults.times(image.layerDigest(1).toString(), 99, (exchange, _) -> {
            exchange.sendResponseHeaders(200, layer.length);
            try {
                for (int i = 0; i < layer.length; i++) {
                    exchange.getResponseBody().write(layer, i, 1);
                    exchange.getResponseBody().flush();
                    Thread.sleep(100);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return true;
        }));
        assertThatThrownBy(() -> pull("1", Duration.ZERO))
                .isInstanceOfSatisfying(
                        PluralityException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.NETWORK))
                .hasMessageContaining("fewer than");
    }

    private void breakOff(int after) {
        String path = image.layerDigest(1).toString();
        registry.misbehave(FakeFaults.truncated(path, 1, image.layer(1), after))
                .misbehave(FakeFaults.status(path, 1, 500));
        RetryPolicy once = new RetryPolicy(SHORT.connect(), SHORT.stall(), 1, SHORT.firstPause(), SHORT.total());
        assertThatThrownBy(() -> puller(once, 1).pull(request("1"), new Progress.Quiet()))
                .isInstanceOf(PluralityException.class);
    }

    private PullResult pull(String tag, Duration keep) throws PluralityException {
        return puller(SHORT, 4).keepBlobs(keep).pull(request(tag), new Progress.Quiet());
    }

    private PullRequest request(String tag) {
        return PullRequest.of(
                ImageReference.parse(registry.host() + "/a/b:" + tag), Platform.parse("linux/amd64"), RootfsKind.DIR);
    }

    private Puller puller(RetryPolicy patience, int parallel) throws PluralityException {
        Registry.Access access = new Registry.Access(
                new HttpClients(
                        patience, CertificateBundles.of(Optional.empty(), Map.of()), new EnvironmentProxies(Map.of())),
                (_, _) -> new Credentials.Anonymous(),
                "no file",
                new InsecureRegistries(Set.of(registry.host())),
                patience,
                HttpTrace.NONE);
        return new Puller(
                Cache.openOrCreate(root.resolve("cache")),
                FakePlaces.registries(access),
                FakeRootfs::new,
                new ShutdownHandler(),
                Clock.systemUTC(),
                parallel);
    }

    private CacheLayout layout() {
        return new CacheLayout(root.resolve("cache"));
    }

    private Path entry() {
        return layout().image(image.digest());
    }

    private List<Path> partials() throws IOException {
        return files(layout().partialBlobs());
    }

    private List<Path> blobs() throws IOException {
        return files(layout().blobs().resolve("sha256"));
    }

    private static List<Path> files(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> !Files.isDirectory(file)).toList();
        }
    }
}
