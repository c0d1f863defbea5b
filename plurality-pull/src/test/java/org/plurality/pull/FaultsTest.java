// SPDX-License-Identifier: Apache-2.0
package org.plurality.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
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

/**
 * All that goes wrong between here and a registry: the image with the right bytes, or an error of the right kind,
 * within a deadline.
 */
@Tag("slow")
class FaultsTest {
    private static final int FOR_EVER = Integer.MAX_VALUE;
    private static final int SIZE = 300_000;
    private static final RetryPolicy SHORT = new RetryPolicy(
            Duration.ofSeconds(1), Duration.ofMillis(500), 3, Duration.ofMillis(5), Duration.ofSeconds(3));
    /** Some times what patience allows: the machine may be busy. */
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private static final FakeImage IMAGE = new FakeImage(11, 1, SIZE);
    private static final byte[] LAYER = IMAGE.layer(0);
    private static final String LAYER_PATH = "/blobs/" + IMAGE.layerDigest(0);
    private static final String CONFIG_PATH = "/blobs/" + IMAGE.configDigest();

    private RetryPolicy patience = SHORT;

    @TempDir
    private Path root;

    private final FakeRegistry registry;

    FaultsTest() throws IOException {
        registry = new FakeRegistry().add("1", IMAGE);
    }

    /** @param expected null for success */
    record Case(String name, @Nullable FailureKind expected, List<FakeRegistry.Fault> faults) {
        Case(String name, @Nullable FailureKind expected, FakeRegistry.Fault... faults) {
            this(name, expected, List.of(faults));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        List<Case> cases = new ArrayList<>();
        everyPath(cases);
        retryAfter(cases);
        bodies(cases);
        ranges(cases);
        credentials(cases);
        return cases.stream();
    }

    private static void everyPath(List<Case> cases) {
        for (String part : List.of("/manifests/", CONFIG_PATH, LAYER_PATH)) {
            for (int status : new int[] {408, 429, 500, 502, 503, 504}) {
                String name = status + " for " + part;
                cases.add(new Case(name + " once", null, FakeFaults.status(part, 1, status)));
                cases.add(new Case(name + " for ever", FailureKind.NETWORK, FakeFaults.status(part, FOR_EVER, status)));
            }
            cases.add(new Case("501 for " + part, FailureKind.NETWORK, FakeFaults.status(part, FOR_EVER, 501)));
            cases.add(new Case("400 for " + part, FailureKind.NETWORK, FakeFaults.status(part, FOR_EVER, 400)));
            cases.add(new Case("403 for " + part, FailureKind.NOT_AUTHORISED, FakeFaults.status(part, FOR_EVER, 403)));
            cases.add(new Case("404 for " + part, FailureKind.NOT_FOUND, FakeFaults.status(part, FOR_EVER, 404)));
            cases.add(new Case("hangs up on " + part + " once", null, FakeFaults.hangUp(part, 1)));
            cases.add(new Case(
                    "hangs up on " + part + " for ever", FailureKind.NETWORK, FakeFaults.hangUp(part, FOR_EVER)));
            cases.add(new Case("silent on " + part + " once", null, silent(part, 1)));
            cases.add(new Case("silent on " + part + " for ever", FailureKind.NETWORK, silent(part, FOR_EVER)));
        }
    }

    private static void retryAfter(List<Case> cases) {
        for (int status : new int[] {429, 503}) {
            for (String part : List.of("/manifests/", LAYER_PATH)) {
                String name = status + " for " + part + " with Retry-After ";
                cases.add(new Case(name + "1", null, retryAfter(part, 1, status, "1")));
                cases.add(new Case(name + "a date", null, retryAfter(part, 1, status, date(1))));
                cases.add(new Case(name + "a date that was", null, retryAfter(part, 1, status, date(-3600))));
                cases.add(new Case(name + "nonsense", null, retryAfter(part, 1, status, "soon")));
                cases.add(new Case(name + "9999", FailureKind.NETWORK, retryAfter(part, 1, status, "9999")));
                cases.add(
                        new Case(name + "a far date", FailureKind.NETWORK, retryAfter(part, 1, status, date(86_400))));
            }
        }
    }

    private static void bodies(List<Case> cases) {
        byte[] corrupted = LAYER.clone();
        corrupted[SIZE / 2] ^= 1;
        for (int sent : new int[] {0, 1, 100_000, SIZE - 1}) {
            String name = " after " + sent + " bytes";
            cases.add(new Case("truncated" + name, null, FakeFaults.truncated(LAYER_PATH, 1, LAYER, sent)));
            cases.add(new Case(
                    "truncated" + name + " for ever",
                    FailureKind.NETWORK,
                    FakeFaults.truncated(LAYER_PATH, FOR_EVER, LAYER, sent)));
            cases.add(new Case("cut in chunks" + name, null, FakeFaults.chunkCut(LAYER_PATH, 1, LAYER, sent)));
            cases.add(new Case(
                    "cut in chunks" + name + " for ever",
                    FailureKind.INTEGRITY,
                    FakeFaults.chunkCut(LAYER_PATH, FOR_EVER, LAYER, sent)));
            cases.add(new Case("stalled" + name, null, stalled(1, sent)));
            cases.add(new Case("stalled" + name + " for ever", FailureKind.NETWORK, stalled(FOR_EVER, sent)));
            cases.add(new Case("shorter: " + sent, FailureKind.INTEGRITY, content(Arrays.copyOf(LAYER, sent))));
            cases.add(new Case(
                    "truncated" + name + ", then corrupted",
                    sent > SIZE / 2 ? null : FailureKind.INTEGRITY,
                    FakeFaults.truncated(LAYER_PATH, 1, LAYER, sent),
                    FakeFaults.times(LAYER_PATH, 1, (exchange, _) -> range(exchange, corrupted, 0, "/" + SIZE))));
        }
        cases.add(new Case("corrupted", FailureKind.INTEGRITY, content(corrupted)));
        cases.add(new Case("longer", FailureKind.INTEGRITY, content(Arrays.copyOf(LAYER, SIZE + 1))));
        cases.add(new Case("trickling", FailureKind.NETWORK, trickling()));
        cases.add(new Case(
                "a corrupted manifest",
                FailureKind.INTEGRITY,
                FakeFaults.content("/manifests/", FakeImage.utf8("{\"schemaVersion\":2,\"config\":{}}"))));
        cases.add(new Case(
                "a corrupted configuration",
                FailureKind.INTEGRITY,
                FakeFaults.content(CONFIG_PATH, new byte[IMAGE.config().length])));
    }

    private static void ranges(List<Case> cases) {
        cases.add(cut("all for a range", null, FakeFaults.wholeForRange(LAYER_PATH, FOR_EVER, LAYER)));
        cases.add(cut("all for a range, trickling", FailureKind.NETWORK, trickling()));
        cases.add(cut("bytes from elsewhere once", null, FakeFaults.wrongRange(LAYER_PATH, 1, LAYER)));
        // A registry that cannot do ranges is asked for the whole.
        cases.add(cut("bytes from elsewhere for ever", null, FakeFaults.wrongRange(LAYER_PATH, FOR_EVER, LAYER)));
        cases.add(cut("a range one byte off", null, ranged(LAYER, 1, "/" + SIZE)));
        cases.add(cut("a range of another length", null, ranged(LAYER, 0, "/" + (SIZE + 1))));
        cases.add(cut("a range of unknown length", null, ranged(LAYER, 0, "/*")));
        cases.add(cut("a range that begins earlier", null, ranged(LAYER, -5, "/" + SIZE)));
        for (int status : new int[] {400, 403, 404, 406, 416, 500, 501, 502, 503}) {
            cases.add(cut(status + " for a range", null, part(exchange -> {
                FakeRegistry.answer(exchange, status, new byte[0]);
                return true;
            })));
        }
        cases.add(cut("no such blob any more", FailureKind.NETWORK, FakeFaults.status(LAYER_PATH, FOR_EVER, 416)));
        cases.add(cut("a range without its place", null, part(exchange -> {
            FakeRegistry.answer(exchange, 206, LAYER);
            return true;
        })));
        cases.add(new Case(
                "a range that nobody asked for",
                FailureKind.NETWORK,
                FakeFaults.times(LAYER_PATH, FOR_EVER, (exchange, _) -> {
                    exchange.getResponseHeaders().set("Content-Range", "bytes 5-" + (SIZE - 1) + "/" + SIZE);
                    FakeRegistry.answer(exchange, 206, Arrays.copyOfRange(LAYER, 5, SIZE));
                    return true;
                })));
    }

    /** What breaks off leaves a partial blob in the cache, from which every later pull goes on. */
    @Test
    void partialBlobOfARegistryWithoutRangesDoesNotBlockTheImage() throws Exception {
        registry.misbehave(FakeFaults.truncated(LAYER_PATH, SHORT.attempts(), LAYER, 100_000));
        registry.misbehave(part(exchange -> {
            FakeRegistry.answer(exchange, 416, new byte[0]);
            return true;
        }));
        assertThatThrownBy(this::pull).isInstanceOf(PluralityException.class);
        ends(null);
    }

    @Test
    void answerMayTakeLongerThanTheNextByteWhereItIsAllowed() throws Exception {
        registry.misbehave(FakeFaults.times(LAYER_PATH, 1, (_, _) -> {
            boolean _ = pause(1500);
            return false;
        }));
        patience = SHORT.withAnswer(Duration.ofSeconds(20));
        ends(null);
        assertThat(registry.count(LAYER_PATH)).isEqualTo(1);
    }

    /** Once the answer began, the short limits count again. */
    @Test
    void longWaitForAnAnswerIsNoneForItsBytes() throws Exception {
        registry.misbehave(stalled(FOR_EVER, 100));
        patience = SHORT.withAnswer(Duration.ofMinutes(10));
        ends(FailureKind.NETWORK);
    }

    @Test
    void registryThatNeverAnswersIsAskedTwiceAndTheHintNamesTheSetting() throws Exception {
        registry.misbehave(silent("/manifests/", FOR_EVER));
        assertThatThrownBy(this::pull)
                .isInstanceOfSatisfying(
                        PluralityException.class, e -> assertThat(e.hint()).contains("PLURALITY_ANSWER_TIMEOUT"))
                .hasMessageContaining("does not answer in time");
        assertThat(registry.count("/manifests/")).isEqualTo(2);
    }

    @Test
    void manifestThatAProxyCompressesIsTheDocumentThatItWas() throws Exception {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(IMAGE.manifest());
        }
        registry.misbehave(FakeFaults.times("/manifests/", FOR_EVER, (exchange, _) -> {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            FakeRegistry.answer(exchange, 200, compressed.toByteArray());
            return true;
        }));
        ends(null);
    }

    @Test
    void manifestThatOnlyClaimsToBeCompressedIsRefused() throws Exception {
        registry.misbehave(FakeFaults.times("/manifests/", FOR_EVER, (exchange, _) -> {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            FakeRegistry.answer(exchange, 200, IMAGE.manifest());
            return true;
        }));
        ends(FailureKind.INTEGRITY);
    }

    private static void credentials(List<Case> cases) {
        for (String challenge : List.of("", "Bearer")) {
            String with = challenge.isEmpty() ? " without" : " with";
            cases.add(new Case(
                    "401 in mid-pull" + with + " a challenge",
                    null,
                    tokens(),
                    token("/manifests/", "t1", "Bearer"),
                    token(CONFIG_PATH, "t1", "Bearer"),
                    FakeFaults.truncated(LAYER_PATH, 1, LAYER, 100_000),
                    token(LAYER_PATH, "t2", challenge)));
            cases.add(new Case(
                    "401 in mid-pull for ever" + with + " a challenge",
                    FailureKind.NOT_AUTHORISED,
                    tokens(),
                    token("/manifests/", "t1", "Bearer"),
                    token(CONFIG_PATH, "t1", "Bearer"),
                    FakeFaults.truncated(LAYER_PATH, 1, LAYER, 100_000),
                    token(LAYER_PATH, "never", challenge)));
        }
        cases.add(new Case(
                "401 of the token server",
                FailureKind.NOT_AUTHORISED,
                FakeFaults.status("/token", FOR_EVER, 401),
                token("/v2/", "t1", "Bearer")));
        cases.add(new Case(
                "503 of the token server once",
                null,
                FakeFaults.status("/token", 1, 503),
                tokens(),
                token("/v2/", "t1", "Bearer")));
        cases.add(new Case(
                "503 of the token server for ever",
                FailureKind.NETWORK,
                FakeFaults.status("/token", FOR_EVER, 503),
                token("/v2/", "t1", "Bearer")));
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyFaultEndsWithTheRightBytesOrTheRightError(Case one) throws Exception {
        for (FakeRegistry.Fault fault : one.faults) {
            registry.misbehave(fault);
        }
        ends(one.expected);
    }

    @Test
    void connectionThatIsResetInMidBlobIsTakenUpWhereItEnded() throws Exception {
        try (ServerSocket resetting = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> reset(resetting));
            String there = "http://127.0.0.1:" + resetting.getLocalPort();
            registry.misbehave(FakeFaults.times(LAYER_PATH, 1, FakeFaults.redirect(LAYER_PATH, there)));
            ends(null);
        }
    }

    @Test
    void connectionThatIsAlwaysResetIsANetworkError() throws Exception {
        try (ServerSocket resetting = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> reset(resetting));
            registry.misbehave(FakeFaults.redirect(LAYER_PATH, "http://127.0.0.1:" + resetting.getLocalPort()));
            ends(FailureKind.NETWORK);
        }
    }

    private void ends(@Nullable FailureKind expected) throws Exception {
        if (expected == null) {
            PullResult result = assertTimeoutPreemptively(DEADLINE, this::pull);
            assertThat(result.entry().document().digest()).isEqualTo(IMAGE.digest());
            assertThat(result.entry().rootfs().resolve("layer-0")).hasBinaryContent(LAYER);
        } else {
            assertTimeoutPreemptively(DEADLINE, () -> assertThatThrownBy(this::pull)
                    .isInstanceOfSatisfying(PluralityException.class, e -> {
                        assertThat(e.kind()).as(e.getMessage()).isEqualTo(expected);
                        assertThat(e.getMessage()).startsWith("cannot ");
                        assertThat(e.hint()).isNotEmpty();
                    }));
            assertThat(cache().entries()).isEmpty();
        }
        try (Stream<Path> files = Files.list(root.resolve("cache/tmp"))) {
            assertThat(files).isEmpty();
        }
    }

    private PullResult pull() throws PluralityException {
        Registry.Access access = new Registry.Access(
                new HttpClients(
                        patience, CertificateBundles.of(Optional.empty(), Map.of()), new EnvironmentProxies(Map.of())),
                (_, _) -> new Credentials.Password("user", new Secret("word")),
                "no file",
                new InsecureRegistries(Set.of(registry.host())),
                patience,
                HttpTrace.NONE);
        return new Puller(
                        cache(),
                        FakePlaces.registries(access),
                        FakeRootfs::new,
                        new ShutdownHandler(),
                        Clock.systemUTC(),
                        2)
                .pull(
                        PullRequest.of(
                                ImageReference.parse(registry.host() + "/a/b:1"),
                                Platform.parse("linux/amd64"),
                                RootfsKind.DIR),
                        new Progress.Quiet());
    }

    private Cache cache() throws PluralityException {
        return Cache.openOrCreate(root.resolve("cache"));
    }

    /** What comes after the first bytes were cut off. */
    private static Case cut(String name, @Nullable FailureKind expected, FakeRegistry.Fault next) {
        return new Case(name, expected, FakeFaults.truncated(LAYER_PATH, 1, LAYER, 100_000), next);
    }

    private static FakeRegistry.Fault content(byte[] content) {
        return FakeFaults.content(LAYER_PATH, content);
    }

    private static FakeRegistry.Fault silent(String part, int times) {
        return FakeFaults.times(part, times, (_, _) -> pause(2000));
    }

    private static FakeRegistry.Fault stalled(int times, int sent) {
        return FakeFaults.times(LAYER_PATH, times, (exchange, _) -> {
            exchange.sendResponseHeaders(200, SIZE);
            exchange.getResponseBody().write(LAYER, 0, sent);
            exchange.getResponseBody().flush();
            return pause(2000);
        });
    }

    private static FakeRegistry.Fault trickling() {
        return FakeFaults.times(LAYER_PATH, FOR_EVER, (exchange, _) -> {
            exchange.sendResponseHeaders(200, SIZE);
            try (OutputStream body = exchange.getResponseBody()) {
                for (int i = 0; i < SIZE; i++) {
                    body.write(LAYER[i]);
                    body.flush();
                    pause(50);
                }
            }
            return true;
        });
    }

    private static FakeRegistry.Fault retryAfter(String part, int times, int status, String value) {
        return FakeFaults.times(part, times, (exchange, _) -> {
            exchange.getResponseHeaders().set("Retry-After", value.startsWith("+") ? date(value) : value);
            FakeRegistry.answer(exchange, status, new byte[0]);
            return true;
        });
    }

    /** A date so many seconds from the request on, for {@link #date(String)}. */
    private static String date(int seconds) {
        return "+" + seconds;
    }

    private static String date(String seconds) {
        return DateTimeFormatter.RFC_1123_DATE_TIME.format(
                ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(Integer.parseInt(seconds.substring(1))));
    }

    @FunctionalInterface
    private interface Answer {
        boolean to(HttpExchange exchange) throws IOException;
    }

    /** For requests of a range, for ever. */
    private static FakeRegistry.Fault part(Answer answer) {
        return FakeFaults.times(
                LAYER_PATH,
                FOR_EVER,
                (exchange, _) -> exchange.getRequestHeaders().containsKey("Range") && answer.to(exchange));
    }

    private static FakeRegistry.Fault ranged(byte[] blob, int off, String total) {
        return part(exchange -> range(exchange, blob, off, total));
    }

    /** Answers with the range that was asked for, or one that begins somewhat later. */
    private static boolean range(HttpExchange exchange, byte[] blob, int off, String total) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        if (range == null) {
            FakeRegistry.answer(exchange, 200, blob);
            return true;
        }
        int start = Integer.parseInt(range.substring("bytes=".length(), range.indexOf('-'))) + off;
        exchange.getResponseHeaders().set("Content-Range", "bytes " + start + "-" + (blob.length - 1) + total);
        FakeRegistry.answer(exchange, 206, Arrays.copyOfRange(blob, start, blob.length));
        return true;
    }

    /** A token server whose tokens are t1, t2 and so on. */
    private static FakeRegistry.Fault tokens() {
        AtomicInteger count = new AtomicInteger();
        return FakeFaults.times("/token", FOR_EVER, (exchange, _) -> {
            String token = "t" + count.incrementAndGet();
            FakeRegistry.answer(exchange, 200, FakeImage.utf8("{\"token\":\"" + token + "\",\"expires_in\":300}"));
            return true;
        });
    }

    /** @param challenge empty for none */
    private static FakeRegistry.Fault token(String part, String token, String challenge) {
        return FakeFaults.times(part, FOR_EVER, (exchange, _) -> {
            if (("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                return false;
            }
            if (!challenge.isEmpty()) {
                String host = exchange.getRequestHeaders().getFirst("Host");
                exchange.getResponseHeaders()
                        .set("WWW-Authenticate", challenge + " realm=\"http://" + host + "/token\",service=\"s\"");
            }
            FakeRegistry.answer(exchange, 401, new byte[0]);
            return true;
        });
    }

    private static boolean pause(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return true;
    }

    /** Sends the head and some of the layer, then resets the connection. */
    private static void reset(ServerSocket server) {
        try {
            while (true) {
                try (Socket connection = server.accept()) {
                    connection.getInputStream().read(new byte[4096]);
                    OutputStream out = connection.getOutputStream();
                    out.write(FakeImage.utf8("HTTP/1.1 200 OK\r\nContent-Length: " + SIZE + "\r\n\r\n"));
                    out.write(LAYER, 0, 100_000);
                    out.flush();
                    pause(100);
                    connection.setSoLinger(true, 0);
                }
            }
        } catch (IOException e) {
            // Closed at the end of the test.
        }
    }
}
