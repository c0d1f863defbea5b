// SPDX-License-Identifier: Apache-2.0
package org.plurality.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.cache.Cache;
import org.plurality.cache.RootfsKind;
import org.plurality.display.Progress;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.fake.FakeFaults;
import org.plurality.fake.FakeImage;
import org.plurality.fake.FakePlaces;
import org.plurality.fake.FakeRegistry;
import org.plurality.fake.FakeRootfs;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;
import org.plurality.remote.credentials.Credentials;
import org.plurality.remote.credentials.Secret;
import org.plurality.remote.registry.CertificateBundles;
import org.plurality.remote.registry.EnvironmentProxies;
import org.plurality.remote.registry.HttpClients;
import org.plurality.remote.registry.HttpTrace;
import org.plurality.remote.registry.InsecureRegistries;
import org.plurality.remote.registry.Registry;
import org.plurality.remote.registry.RetryPolicy;

class PullerTest {
    private static final RetryPolicy SHORT = new RetryPolicy(
            Duration.ofSeconds(2), Duration.ofSeconds(2), 3, Duration.ofMillis(5), Duration.ofSeconds(2));
    private static final String SECRET = "canary-secret";
    private static final Platform AMD64 = Platform.parse("linux/amd64");

    @TempDir
    Path root;

    private FakeRegistry registry;
    private final FakeImage image = new FakeImage(1, 3, 300_000);
    private Credentials credentials = new Credentials.Anonymous();

    PullerTest() throws IOException {
        registry = new FakeRegistry();
    }

    @BeforeEach
    void addImage() {
        registry.add("1", image);
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void pulledImageIsPublishedWithItsExactBytes() throws Exception {
        PullResult result = pull("1");
        assertThat(result.alreadyPresent()).isFalse();
        assertThat(result.entry().document().digest()).isEqualTo(image.digest());
        assertThat(Files.readAllBytes(result.entry().manifest())).isEqualTo(image.manifest());
        assertThat(Files.readAllBytes(result.entry().config())).isEqualTo(image.config());
        assertThat(Files.readAllBytes(result.entry().rootfs().resolve("layer-2")))
                .isEqualTo(image.layer(2));
        assertThat(tmp()).isEmpty();
    }

    @Test
    void secondPullOfATagCostsOneRequest() throws Exception {
        pull("1");
        int before = registry.received().size();
        assertThat(pull("1").alreadyPresent()).isTrue();
        assertThat(registry.received()).hasSize(before + 1);
    }

    @Test
    void digestThatIsPresentCostsNoRequest() throws Exception {
        pull("1");
        int before = registry.received().size();
        assertThat(pullReference(registry.host() + "/a/b@" + image.digest()).alreadyPresent())
                .isTrue();
        assertThat(registry.received()).hasSize(before);
    }

    @Test
    void digestOfAnIndexThatIsPresentCostsNoRequest() throws Exception {
        byte[] index = FakeImage.index(FakeImage.entry(FakeImage.MANIFEST_TYPE, image.manifest(), "linux/amd64"));
        registry.manifest("multi", index, FakeImage.INDEX_TYPE);
        String reference = registry.host() + "/a/b@" + Digest.sha256(index);
        pullReference(reference);
        int before = registry.received().size();
        assertThat(pullReference(reference).alreadyPresent()).isTrue();
        assertThat(registry.received()).hasSize(before);
    }

    @Test
    void nestedIndexAndUnknownPlatformsLeadToTheImage() throws Exception {
        byte[] inner = FakeImage.index(
                FakeImage.entry(FakeImage.MANIFEST_TYPE, FakeImage.utf8("{}"), "unknown/unknown"),
                FakeImage.entry(FakeImage.MANIFEST_TYPE, FakeImage.utf8("{ }"), "linux/arm64"),
                FakeImage.entry(FakeImage.MANIFEST_TYPE, image.manifest(), "linux/amd64"));
        registry.manifest("inner", inner, FakeImage.INDEX_TYPE);
        registry.manifest(
                "outer", FakeImage.index(FakeImage.entry(FakeImage.INDEX_TYPE, inner, "")), FakeImage.INDEX_TYPE);
        assertThat(pull("outer").entry().document().digest()).isEqualTo(image.digest());
    }

    @Test
    void imageOfAnotherSystemOrMachineIsNotStagedIn() {
        for (String other : List.of(
                "\"os\":\"windows\",\"architecture\":\"amd64\"", "\"os\":\"linux\",\"architecture\":\"arm64\"")) {
            byte[] config = FakeImage.utf8(new String(image.config(), StandardCharsets.UTF_8)
                    .replace("\"os\":\"linux\",\"architecture\":\"amd64\"", other));
            byte[] manifest = FakeImage.utf8(new String(image.manifest(), StandardCharsets.UTF_8)
                    .replace(
                            image.configDigest().toString(),
                            Digest.sha256(config).toString())
                    .replace("\"size\":" + image.config().length, "\"size\":" + config.length));
            registry.blob(Digest.sha256(config), config);
            registry.manifest("other", manifest, FakeImage.MANIFEST_TYPE);
            // The only image of an index that names no platform is no better known.
            registry.manifest(
                    "index",
                    FakeImage.index(FakeImage.entry(FakeImage.MANIFEST_TYPE, manifest, "")),
                    FakeImage.INDEX_TYPE);
            for (String tag : List.of("other", "index")) {
                assertThatThrownBy(() -> pull(tag))
                        .isInstanceOfSatisfying(PluralityException.class, e -> assertThat(e.kind())
                                .isEqualTo(FailureKind.NOT_FOUND))
                        .hasMessageContaining("cannot find an image for linux/amd64");
            }
        }
    }

    @Test
    void indexNestedTooDeepIsRefused() {
        byte[] index = FakeImage.index(FakeImage.entry(FakeImage.MANIFEST_TYPE, image.manifest(), "linux/amd64"));
        for (int i = 0; i < 6; i++) {
            registry.manifest("deep", index, FakeImage.INDEX_TYPE);
            index = FakeImage.index(FakeImage.entry(FakeImage.INDEX_TYPE, index, "linux/amd64"));
        }
        registry.manifest("deep", index, FakeImage.INDEX_TYPE);
        assertFails("deep", FailureKind.INTEGRITY, "nested");
    }

    @Test
    void platformThatIsNotThereNamesThoseThatAre() {
        registry.manifest(
                "arm",
                FakeImage.index(FakeImage.entry(FakeImage.MANIFEST_TYPE, image.manifest(), "linux/arm64")),
                FakeImage.INDEX_TYPE);
        assertFails("arm", FailureKind.NOT_FOUND, "linux/arm64");
    }

    @Test
    void imageThatIsThereIsNotTakenForAnotherPlatforms() throws Exception {
        pull("1");
        String tag = registry.host() + "/a/b:1";
        for (String reference : List.of(tag, registry.host() + "/a/b@" + image.digest())) {
            PullRequest other =
                    PullRequest.of(ImageReference.parse(reference), Platform.parse("linux/arm64"), RootfsKind.DIR);
            assertThatThrownBy(() -> puller(Set.of(registry.host())).pull(other, new Progress.Quiet()))
                    .hasMessageContaining("it is for linux/amd64");
        }
        assertThat(cache().references()).hasSize(1);
    }

    @Test
    void documentThatIsIndexAndImageIsRefused() {
        registry.manifest(
                "both",
                FakeImage.utf8("{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}"),
                FakeImage.MANIFEST_TYPE);
        assertFails("both", FailureKind.INTEGRITY, "at once");
    }

    @Test
    void mediaTypeThatContradictsTheHeaderIsRefused() {
        registry.manifest("lie", image.manifest(), FakeImage.INDEX_TYPE);
        assertFails("lie", FailureKind.INTEGRITY, "media type");
    }

    @Test
    void schema1IsRefused() {
        registry.manifest(
                "old",
                FakeImage.utf8("{\"schemaVersion\":1}"),
                "application/vnd.docker.distribution.manifest.v1+prettyjws");
        assertFails("old", FailureKind.INTEGRITY, "schema 1");
    }

    @Test
    void artifactIsRefused() {
        registry.manifest(
                "chart",
                FakeImage.utf8(
                        "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"application/vnd.cncf.helm.config.v1+json\","
                                + "\"digest\":\"" + image.configDigest() + "\",\"size\":2},\"layers\":[]}"),
                FakeImage.MANIFEST_TYPE);
        assertFails("chart", FailureKind.INTEGRITY, "artifact");
    }

    @Test
    void oversizedManifestIsRefused() {
        registry.manifest("big", new byte[(4 << 20) + 1], FakeImage.MANIFEST_TYPE);
        assertFails("big", FailureKind.INTEGRITY, "larger");
    }

    @Test
    void manifestWithAnotherDigestIsRefused() {
        registry.misbehave(FakeFaults.content("/manifests/", FakeImage.utf8("{}")));
        assertThatThrownBy(() -> pullReference(registry.host() + "/a/b@" + image.digest()))
                .isInstanceOfSatisfying(
                        PluralityException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.INTEGRITY));
    }

    @Test
    void unknownTagIsNotFound() {
        assertFails("nope", FailureKind.NOT_FOUND, "it is not there");
    }

    @Test
    void corruptedLayerIsNotPublished() throws Exception {
        byte[] corrupted = image.layer(1);
        corrupted[77] ^= 1;
        registry.blob(image.layerDigest(1), corrupted);
        assertFails("1", FailureKind.INTEGRITY, "digest");
        assertNothingPublished();
    }

    @Test
    void layerThatIsLongerOrShorterIsNotPublished() throws Exception {
        registry.blob(image.layerDigest(1), new byte[300_001]);
        assertFails("1", FailureKind.INTEGRITY, "larger");
        registry.blob(image.layerDigest(1), Arrays.copyOf(image.layer(1), 1000));
        assertFails("1", null, "cannot fetch layer");
        assertNothingPublished();
    }

    @Test
    void brokenTransfersAreResumedWhereTheyEnded() throws Exception {
        String blob = "/blobs/" + image.layerDigest(1);
        registry.misbehave(FakeFaults.truncated(blob, 1, image.layer(1), 100_000));
        assertThat(pull("1").entry().document().digest()).isEqualTo(image.digest());
        assertThat(registry.received()).anyMatch(request -> "bytes=100000-299999".equals(request.range()));
    }

    @Test
    void faultsThatPassAreOutlasted() throws Exception {
        String first = "/blobs/" + image.layerDigest(0);
        String second = "/blobs/" + image.layerDigest(1);
        String third = "/blobs/" + image.layerDigest(2);
        registry.misbehave(FakeFaults.hangUp("/manifests/", 1))
                .misbehave(FakeFaults.status("/manifests/", 1, 503))
                .misbehave(FakeFaults.chunkCut(first, 1, image.layer(0), 5))
                .misbehave(FakeFaults.status(first, 1, 408))
                .misbehave(FakeFaults.truncated(second, 1, image.layer(1), 9))
                .misbehave(FakeFaults.wrongRange(second, 1, image.layer(1)))
                .misbehave(FakeFaults.truncated(third, 1, image.layer(2), 200_000))
                .misbehave(FakeFaults.wholeForRange(third, 1, image.layer(2)))
                .misbehave(FakeFaults.retryAfter(third, 1, 1));
        assertThat(pull("1").entry().document().digest()).isEqualTo(image.digest());
    }

    @Test
    void faultsThatStayEndInAClearError() {
        registry.misbehave(FakeFaults.status("/manifests/1", 100, 500));
        assertFails("1", FailureKind.NETWORK, "500");
        registry.misbehave(FakeFaults.retryAfter("/manifests/2", 100, 3600));
        assertFails("2", FailureKind.NETWORK, "too many requests");
    }

    @Test
    void diffIdThatDisagreesIsNotPublished() throws Exception {
        String config = new String(image.config(), StandardCharsets.UTF_8)
                .replace(image.layerDigest(0).hex(), "0".repeat(64));
        byte[] bytes = FakeImage.utf8(config);
        String manifest = new String(image.manifest(), StandardCharsets.UTF_8)
                .replace(image.configDigest().toString(), Digest.sha256(bytes).toString());
        registry.blob(Digest.sha256(bytes), bytes);
        registry.manifest("odd", FakeImage.utf8(manifest), FakeImage.MANIFEST_TYPE);
        assertFails("odd", FailureKind.INTEGRITY, "unpacks to");
        assertNothingPublished();
    }

    @Test
    void foreignLayerIsFetchedFromWhereItsManifestSaysWithoutCredentials() throws Exception {
        credentials = new Credentials.Password("user", new Secret(SECRET));
        registry.misbehave(FakeFaults.wants("/v2/", okhttp3.Credentials.basic("user", SECRET), "Basic realm=\"r\""));
        String path = "/elsewhere/blobs/" + image.layerDigest(1);
        registry.misbehave(FakeFaults.status(path, 9, 401));
        try (FakeRegistry other = new FakeRegistry()) {
            other.blob(image.layerDigest(1), image.layer(1))
                    .misbehave(FakeFaults.truncated(path, 1, image.layer(1), 100_000));
            foreign("ftp://x/y", "https://", registry.url(path), other.url(path));
            PullResult result = puller(Set.of(registry.host(), other.host())).pull(request(), new Progress.Quiet());
            assertThat(result.entry().rootfs().resolve("layer-1")).hasBinaryContent(image.layer(1));
            assertThat(other.received()).hasSize(2).allMatch(request -> request.authorization() == null);
            assertThat(other.received()).anyMatch(request -> "bytes=100000-299999".equals(request.range()));
            assertThat(registry.received())
                    .filteredOn(request -> request.path().equals(path))
                    .isNotEmpty()
                    .allMatch(request -> request.authorization() == null);
        }
    }

    @Test
    void foreignLayerIsVerified() throws Exception {
        String path = "/elsewhere/blobs/" + image.layerDigest(1);
        foreign(registry.url(path));
        registry.misbehave(FakeFaults.content(path, new byte[300_000]));
        assertFails("1", FailureKind.INTEGRITY, "digest");
        assertNothingPublished();
    }

    @Test
    void foreignLayerThatNoPlaceGivesIsNotFound() throws Exception {
        try (FakeRegistry other = new FakeRegistry()) {
            other.blob(image.layerDigest(1), image.layer(1));
            foreign(other.url("/blobs/" + image.layerDigest(1)), registry.url("/nothing"));
            // The other speaks plain http, which is allowed for the registry alone.
            assertFails("1", FailureKind.NOT_FOUND, "none of the other places");
            assertThat(other.received()).isEmpty();
            assertThat(registry.count("/nothing")).isEqualTo(1);
        }
    }

    /** The registry does not have the second layer. */
    private void foreign(String... urls) {
        registry.manifest("1", image.manifestWithUrls(1, urls), FakeImage.MANIFEST_TYPE)
                .misbehave(FakeFaults.status("/a/b/blobs/" + image.layerDigest(1), 99, 404));
    }

    @Test
    void basicCredentialsGoToTheRegistryOnly() throws Exception {
        credentials = new Credentials.Password("user", new Secret(SECRET));
        try (FakeRegistry other = new FakeRegistry()) {
            other.add("1", image);
            registry.misbehave(FakeFaults.wants("/v2/", okhttp3.Credentials.basic("user", SECRET), "Basic realm=\"r\""))
                    .misbehave(FakeFaults.redirect("/blobs/", "http://" + other.host()));
            pull("1");
            assertThat(other.received()).isNotEmpty().allMatch(request -> request.authorization() == null);
        }
    }

    @Test
    void redirectBackFromElsewhereAsksForNoCredentialsThere() {
        credentials = new Credentials.Password("user", new Secret(SECRET));
        registry.misbehave(FakeFaults.redirect("/v2/", "http://localhost:" + port()));
        assertThatThrownBy(() -> pull("1")).isInstanceOf(PluralityException.class);
        assertThat(registry.received()).allMatch(request -> request.authorization() == null);
    }

    @Test
    void tokenIsFetchedOnceAndRenewedWhenItWearsOut() throws Exception {
        credentials = new Credentials.Password("user", new Secret(SECRET));
        String challenge = "Bearer realm=\"" + registry.url("/token") + "\",service=\"s\",scope=\"x\"";
        registry.misbehave(FakeFaults.times("/token", 1, (exchange, _) -> token(exchange, "first")))
                .misbehave(FakeFaults.times("/token", 9, (exchange, _) -> token(exchange, "second")))
                .misbehave(FakeFaults.wants("/manifests/", "Bearer first", challenge))
                // Some send no challenge once a token wore out.
                .misbehave(FakeFaults.wants("/blobs/", "Bearer second", ""));
        pull("1");
        assertThat(registry.count("/token")).isEqualTo(2);
        assertThat(registry.received())
                .filteredOn(request -> request.path().contains("/token"))
                .allMatch(request -> request.path().contains("scope=repository%3Aa%2Fb%3Apull")
                        || request.path().contains("scope=repository:a/b:pull"));
    }

    @Test
    void hostileRealmGetsNoCredentials() throws Exception {
        credentials = new Credentials.Password("user", new Secret(SECRET));
        try (FakeRegistry thief = new FakeRegistry()) {
            String elsewhere = thief.url("/token").replace("127.0.0.1", "localhost");
            registry.misbehave(
                    FakeFaults.wants("/v2/", "Bearer never", "Bearer realm=\"" + elsewhere + "\",service=\"s\""));
            assertFails("1", FailureKind.NOT_AUTHORISED, "plain http");
            assertThat(thief.received()).isEmpty();
        }
    }

    @Test
    void missingCredentialsAreNamed() {
        registry.misbehave(FakeFaults.wants("/v2/", "Basic never", "Basic realm=\"r\""));
        assertFails("1", FailureKind.NOT_AUTHORISED, "none were found");
        credentials = new Credentials.Password("user", new Secret(SECRET));
        assertFails("1", FailureKind.NOT_AUTHORISED, "does not take");
    }

    @Test
    void registryThatDoesNotListenIsANetworkError() {
        registry.close();
        assertFails("1", FailureKind.NETWORK, "does not take the connection");
    }

    @Test
    void plainHttpIsRefusedWhereItIsNotAllowed() throws Exception {
        try (ServerSocket plain = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> answerInPlainText(plain));
            String host = "127.0.0.1:" + plain.getLocalPort();
            assertThatThrownBy(() -> puller(Set.of())
                            .pull(
                                    PullRequest.of(ImageReference.parse(host + "/a/b:1"), AMD64, RootfsKind.DIR),
                                    new Progress.Quiet()))
                    .isInstanceOfSatisfying(PluralityException.class, e -> {
                        assertThat(e.kind()).isEqualTo(FailureKind.NETWORK);
                        assertThat(e.hint()).contains("--insecure-registry " + host);
                    });
        }
    }

    @Test
    void sixteenPullsAtOnceFetchOnce() throws Exception {
        try (ExecutorService callers = Executors.newFixedThreadPool(16)) {
            List<Future<PullResult>> results = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                results.add(callers.submit(() -> pull("1")));
            }
            int own = 0;
            for (Future<PullResult> result : results) {
                own += result.get().alreadyPresent() ? 0 : 1;
            }
            assertThat(own).isEqualTo(1);
        }
        assertThat(registry.count("/blobs/" + image.layerDigest(0))).isEqualTo(1);
        assertThat(tmp()).isEmpty();
        assertThat(cache().entries()).hasSize(1);
    }

    @Test
    void quotaThatRunsOutLeavesNothing() throws Exception {
        RootfsSink.Factory full = place -> new RootfsSink() {
            private final RootfsSink below = new FakeRootfs(place);

            @Override
            public Digest apply(InputStream blob, String mediaType, int layer) throws PluralityException, IOException {
                return below.apply(blob, mediaType, layer);
            }

            @Override
            public Contents finish(String workingDirectory, Blobs blobs) throws PluralityException {
                throw PluralityException.storage(
                        "cannot finish the root filesystem", new IOException("Disk quota exceeded"));
            }

            @Override
            public void close() throws PluralityException {
                below.close();
            }
        };
        assertThatThrownBy(() -> puller(Set.of(registry.host()), full).pull(request(), new Progress.Quiet()))
                .isInstanceOfSatisfying(PluralityException.class, e -> {
                    assertThat(e.kind()).isEqualTo(FailureKind.STORAGE);
                    assertThat(e.hint()).startsWith("your quota there is used up");
                });
        assertNothingPublished();
        assertThat(pull("1").alreadyPresent()).isFalse();
    }

    @Test
    void memoryThatRunsOutInAFetchEndsThePull() throws Exception {
        Progress.Quiet out = new Progress.Quiet();
        Progress failing = (Progress) java.lang.reflect.Proxy.newProxyInstance(
                Progress.class.getClassLoader(), new Class<?>[] {Progress.class}, (_, method, arguments) -> {
                    if (method.getName().equals("fetched")) {
                        throw new OutOfMemoryError("test");
                    }
                    return method.invoke(out, arguments);
                });
        assertThatThrownBy(() -> puller(Set.of(registry.host())).pull(request(), failing))
                .isInstanceOf(PluralityException.class)
                .hasMessageContaining("OutOfMemoryError");
        assertNothingPublished();
    }

    private PullRequest request() {
        return PullRequest.of(ImageReference.parse(registry.host() + "/a/b:1"), AMD64, RootfsKind.DIR);
    }

    private static void answerInPlainText(ServerSocket server) {
        try {
            while (true) {
                try (Socket connection = server.accept()) {
                    connection.getInputStream().read();
                    connection.getOutputStream().write(FakeImage.utf8("HTTP/1.0 400 Bad Request\r\n\r\n"));
                }
            }
        } catch (IOException e) {
            // Closed at the end of the test.
        }
    }

    private static boolean token(HttpExchange exchange, String token) throws IOException {
        FakeRegistry.answer(exchange, 200, FakeImage.utf8("{\"token\":\"" + token + "\",\"expires_in\":300}"));
        return true;
    }

    private String port() {
        return registry.host().substring(registry.host().indexOf(':') + 1);
    }

    private void assertFails(String tag, @Nullable FailureKind kind, String part) {
        assertThatThrownBy(() -> pull(tag)).isInstanceOfSatisfying(PluralityException.class, e -> {
            if (kind != null) {
                assertThat(e.kind()).isEqualTo(kind);
            }
            assertThat(e.getMessage()).startsWith("cannot ").contains(part);
            assertThat(e.hint()).isNotEmpty();
            assertThat(e.getMessage() + e.hint()).doesNotContain(SECRET);
        });
    }

    private void assertNothingPublished() throws Exception {
        assertThat(cache().entries()).isEmpty();
        assertThat(cache().references()).isEmpty();
        assertThat(tmp()).isEmpty();
    }

    private PullResult pull(String tag) throws PluralityException {
        return pullReference(registry.host() + "/a/b:" + tag);
    }

    private PullResult pullReference(String reference) throws PluralityException {
        return puller(Set.of(registry.host()))
                .pull(PullRequest.of(ImageReference.parse(reference), AMD64, RootfsKind.DIR), new Progress.Quiet());
    }

    private Puller puller(Set<String> insecure) throws PluralityException {
        return puller(insecure, FakeRootfs::new);
    }

    private Puller puller(Set<String> insecure, RootfsSink.Factory rootfs) throws PluralityException {
        Registry.Access access = new Registry.Access(
                new HttpClients(
                        SHORT, CertificateBundles.of(Optional.empty(), Map.of()), new EnvironmentProxies(Map.of())),
                (_, _) -> credentials,
                "no file",
                new InsecureRegistries(insecure),
                SHORT,
                HttpTrace.NONE);
        return new Puller(cache(), FakePlaces.registries(access), rootfs, new ShutdownHandler(), Clock.systemUTC(), 4);
    }

    private Cache cache() throws PluralityException {
        return Cache.openOrCreate(root.resolve("cache"));
    }

    private List<String> tmp() throws IOException {
        try (Stream<Path> files = Files.list(root.resolve("cache/tmp"))) {
            return files.map(Path::toString).toList();
        }
    }
}
