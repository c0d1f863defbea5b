// SPDX-License-Identifier: Apache-2.0
package org.plurality.pull;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
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
import org.plurality.fake.FakeCertificate;
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
import org.plurality.remote.registry.InsecureRegistries;
import org.plurality.remote.registry.Registry;
import org.plurality.remote.registry.RetryPolicy;

/** Whatever a registry does with what it was sent: no secret reaches another origin, an error, a trace line or the cache. */
@Tag("slow")
class SecretsTest {
    private static final String CANARY = "cAnArY-0123456789abcdef";
    private static final String TOKEN = "tOkEn-0123456789abcdef";
    private static final String BASIC = okhttp3.Credentials.basic("user", CANARY, StandardCharsets.UTF_8);
    private static final List<String> SECRETS = List.of(CANARY, TOKEN, BASIC.substring("Basic ".length()));
    private static final RetryPolicy SHORT = new RetryPolicy(
            Duration.ofSeconds(2), Duration.ofSeconds(2), 2, Duration.ofMillis(5), Duration.ofSeconds(1));

    @TempDir
    private static Path keys;

    private static FakeCertificate certificate;

    @TempDir
    private Path root;

    private final List<String> trace = new CopyOnWriteArrayList<>();
    private final FakeImage image = image();
    private Scene scene;

    /** Servers of one case. */
    record Scene(FakeRegistry home, FakeRegistry plainThief, FakeRegistry tlsThief) {
        /** Where a plain http server is that the setting does not allow. */
        String plainUrl() {
            return plainThief.url("").replace("127.0.0.1", "localhost");
        }

        void bearer(String realm) {
            home.misbehave(FakeFaults.wants("/v2/", "Bearer " + TOKEN, "Bearer realm=\"" + realm + "\",service=\"s\""));
        }

        void basic() {
            home.misbehave(FakeFaults.wants("/v2/", BASIC, "Basic realm=\"r\""));
        }

        /** The home's own token server. */
        void tokens() {
            bearer(home.url("/token"));
            home.misbehave(FakeFaults.content("/token", FakeImage.utf8("{\"token\":\"" + TOKEN + "\"}")));
        }
    }

    @FunctionalInterface
    interface Setting {
        void arrange(Scene scene);
    }

    record Case(String name, Setting setting) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (String part : List.of("/manifests/", "/blobs/")) {
            for (boolean bearer : new boolean[] {false, true}) {
                String with = (bearer ? " with a token" : " with a password") + " for " + part;
                add(cases, bearer, "redirect to plain http" + with, scene -> redirect(scene, part, scene.plainUrl()));
                add(
                        cases,
                        bearer,
                        "redirect to another port" + with,
                        scene -> redirect(scene, part, scene.tlsThief.url("")));
                add(
                        cases,
                        bearer,
                        "redirect to another name" + with,
                        scene -> redirect(scene, part, scene.tlsThief.url("").replace("127.0.0.1", "localhost")));
                add(
                        cases,
                        bearer,
                        "redirect to a user" + with,
                        scene -> redirect(scene, part, scene.tlsThief.url("").replace("//", "//user:pass@")));
                add(cases, bearer, "redirect there and back" + with, scene -> {
                    redirect(scene, part, scene.tlsThief.url(""));
                    scene.tlsThief.misbehave(FakeFaults.redirect("/v2/", scene.plainUrl()));
                });
                for (int status : new int[] {401, 403, 404, 429, 500}) {
                    add(cases, bearer, "echo in the body of a " + status + with, scene -> echo(scene, part, status));
                }
                add(
                        cases,
                        bearer,
                        "echo in a Location" + with,
                        scene -> scene.home.misbehave(FakeFaults.times(part, 99, (exchange, _) -> {
                            String sent = exchange.getRequestHeaders().getFirst("Authorization");
                            exchange.getResponseHeaders()
                                    .set("Location", "http://localhost:1/?" + sent.replace(' ', '+'));
                            FakeRegistry.answer(exchange, 302, new byte[0]);
                            return true;
                        })));
            }
        }
        foreign(cases);
        for (String form : List.of(
                "@",
                "{\"mediaType\":\"@\"}",
                "{\"x\":@}",
                "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"@\",\"digest\":\"@\"}}",
                "{\"mediaType\":\"" + FakeImage.INDEX_TYPE
                        + "\",\"manifests\":[{\"mediaType\":\"@\",\"digest\":\"@\",\"size\":1}]}")) {
            add(
                    cases,
                    false,
                    "echo in a manifest " + form,
                    scene -> echoManifest(scene, form, FakeImage.MANIFEST_TYPE));
            add(cases, true, "echo in a manifest by type " + form, scene -> echoManifest(scene, form, "@"));
        }
        for (String realm :
                List.of("file:///etc/passwd", "ftp://h/", "/token", "", "http://u:p@127.0.0.1/", "https://")) {
            cases.add(new Case("realm '" + realm + "'", scene -> scene.bearer(realm)));
        }
        cases.add(new Case("realm over plain http", scene -> scene.bearer(scene.plainUrl() + "/token")));
        for (int status : new int[] {301, 302, 303, 307, 308}) {
            cases.add(new Case("token server redirects with " + status, scene -> {
                scene.bearer(scene.home.url("/token"));
                scene.home.misbehave(FakeFaults.times("/token", 99, (exchange, _) -> {
                    exchange.getResponseHeaders().set("Location", scene.tlsThief.url("/token"));
                    FakeRegistry.answer(exchange, status, new byte[0]);
                    return true;
                }));
            }));
        }
        for (int status : new int[] {200, 400, 401, 403, 404, 429, 500}) {
            cases.add(new Case("token server echoes with " + status, scene -> {
                scene.bearer(scene.home.url("/token"));
                echo(scene, "/token", status);
            }));
        }
        for (String answer : List.of(
                "{\"token\":\"" + TOKEN + "\\n\"}", "{\"token\":" + TOKEN + "}", "{\"x\":\"" + TOKEN + "\"}", TOKEN)) {
            cases.add(new Case("token answer " + answer, scene -> {
                scene.bearer(scene.home.url("/token"));
                scene.home.misbehave(FakeFaults.content("/token", FakeImage.utf8(answer)));
            }));
        }
        return cases.stream();
    }

    /** The registry does not have the layer; its manifest says where else it is. */
    private static void foreign(List<Case> cases) {
        for (boolean bearer : new boolean[] {false, true}) {
            String with = bearer ? " with a token" : " with a password";
            add(cases, bearer, "foreign URL over plain http" + with, scene -> foreign(scene, scene.plainUrl()));
            add(cases, bearer, "foreign URL on another port" + with, scene -> foreign(scene, scene.tlsThief.url("")));
            add(
                    cases,
                    bearer,
                    "foreign URL with a user" + with,
                    scene -> foreign(scene, scene.tlsThief.url("").replace("//", "//user:pass@")));
            add(cases, bearer, "foreign URL that wants credentials" + with, scene -> {
                foreign(scene, scene.tlsThief.url(""));
                scene.tlsThief.misbehave(FakeFaults.wants("/blobs/", BASIC, "Basic realm=\"r\""));
            });
            add(cases, bearer, "foreign URL that redirects" + with, scene -> {
                foreign(scene, scene.tlsThief.url(""));
                scene.tlsThief.misbehave(FakeFaults.redirect("/blobs/", scene.plainUrl()));
            });
            for (String form : List.of("https://@.invalid/", "https://127.0.0.1:1/@", "@")) {
                add(cases, bearer, "echo in a foreign URL " + form + with, scene -> {
                    foreign(scene, scene.tlsThief.url(""));
                    scene.home.misbehave(FakeFaults.times("/manifests/", 99, (exchange, _) -> {
                        String sent = exchange.getRequestHeaders().getFirst("Authorization");
                        String secret = sent.substring(sent.indexOf(' ') + 1);
                        FakeRegistry.answer(exchange, 200, image().manifestWithUrls(0, form.replace("@", secret)));
                        return true;
                    }));
                });
            }
        }
    }

    private static void foreign(Scene scene, String server) {
        String path = "/v2/x/blobs/" + image().layerDigest(0);
        scene.home.misbehave(FakeFaults.status("/a/b/blobs/" + image().layerDigest(0), 99, 404));
        scene.home.manifest("1", image().manifestWithUrls(0, server + path), FakeImage.MANIFEST_TYPE);
    }

    private static FakeImage image() {
        return new FakeImage(7, 1, 2000);
    }

    @BeforeAll
    static void makeCertificate() throws Exception {
        certificate = new FakeCertificate(keys);
    }

    @BeforeEach
    void open() throws Exception {
        scene = new Scene(
                FakeRegistry.tls(certificate).add("1", image),
                new FakeRegistry().add("1", image),
                FakeRegistry.tls(certificate).add("1", image));
    }

    @AfterEach
    void close() {
        scene.home.close();
        scene.plainThief.close();
        scene.tlsThief.close();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void secretsStayWhereTheyBelong(Case one) throws Exception {
        one.setting.arrange(scene);
        Credentials credentials = new Credentials.Password("user", new Secret(CANARY));
        StringWriter seen = new StringWriter();
        try {
            pull(credentials);
        } catch (PluralityException e) {
            seen.write(e.getMessage() + "\n" + e.hint() + "\n");
            e.printStackTrace(new PrintWriter(seen, true));
        }
        trace.forEach(line -> seen.write(line + "\n"));
        assertThat(scene.home.received()).isNotEmpty();
        for (String secret : SECRETS) {
            assertThat(seen.toString()).doesNotContain(secret);
            for (FakeRegistry thief : List.of(scene.plainThief, scene.tlsThief)) {
                assertThat(thief.received()).allMatch(request -> request.authorization() == null);
                assertThat(thief.received()).noneMatch(request -> request.path().contains(secret));
            }
            assertThat(filesWith(secret)).isEmpty();
        }
    }

    @Test
    void redirectFromHttpsToPlainHttpIsRefused() {
        scene.basic();
        redirect(scene, "/blobs/", scene.plainUrl());
        PluralityException failure = failureOf(new Credentials.Password("user", new Secret(CANARY)));
        assertThat(failure.kind()).isEqualTo(FailureKind.NETWORK);
        assertThat(failure).hasMessageContaining("redirects from https to plain http");
        assertThat(scene.plainThief.received()).isEmpty();
    }

    @Test
    void certificateThatNobodyHereTrustsIsAnErrorThatSaysHowToTrustIt() {
        PluralityException failure = failureOf(new Credentials.Anonymous(), Optional.empty());
        assertThat(failure.kind()).isEqualTo(FailureKind.NETWORK);
        assertThat(failure).hasMessageContaining("is not trusted here");
        assertThat(failure.hint()).contains("PLURALITY_CA_FILE");
    }

    @Test
    void identityTokenIsExchangedInTheBodyOfAPost() throws Exception {
        scene.bearer(scene.home.url("/token"));
        List<String> bodies = new CopyOnWriteArrayList<>();
        scene.home.misbehave(FakeFaults.times("/token", 1, (exchange, _) -> {
            bodies.add(exchange.getRequestMethod() + " "
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            FakeRegistry.answer(exchange, 200, FakeImage.utf8("{\"access_token\":\"" + TOKEN + "\"}"));
            return true;
        }));
        assertThat(pull(new Credentials.IdentityToken(new Secret(CANARY))).alreadyPresent())
                .isFalse();
        assertThat(bodies)
                .containsExactly("POST grant_type=refresh_token&service=s&scope=repository%3Aa%2Fb%3Apull"
                        + "&client_id=plurality&refresh_token=" + CANARY);
        assertThat(scene.home.received()).noneMatch(request -> request.path().contains(CANARY));
    }

    private static void add(List<Case> cases, boolean bearer, String name, Setting setting) {
        cases.add(new Case(name, scene -> {
            if (bearer) {
                scene.tokens();
            } else {
                scene.basic();
            }
            setting.arrange(scene);
        }));
    }

    private static void redirect(Scene scene, String part, String target) {
        scene.home.misbehave(FakeFaults.redirect(part, target));
    }

    private static void echo(Scene scene, String part, int status) {
        scene.home.misbehave(FakeFaults.times(part, 99, (exchange, path) -> {
            String sent = exchange.getRequestHeaders().getFirst("Authorization");
            FakeRegistry.answer(
                    exchange,
                    status,
                    FakeImage.utf8("{\"errors\":[{\"code\":\"" + sent + "\",\"message\":\"" + sent + path + "\"}]}"));
            return true;
        }));
    }

    private static void echoManifest(Scene scene, String form, String type) {
        scene.home.misbehave(FakeFaults.times("/manifests/", 99, (exchange, _) -> {
            String sent = exchange.getRequestHeaders().getFirst("Authorization");
            String secret = sent.substring(sent.indexOf(' ') + 1);
            exchange.getResponseHeaders().set("Content-Type", type.replace("@", secret));
            FakeRegistry.answer(exchange, 200, FakeImage.utf8(form.replace("@", secret)));
            return true;
        }));
    }

    private PluralityException failureOf(Credentials credentials) {
        return failureOf(credentials, Optional.of(trusted()));
    }

    private PluralityException failureOf(Credentials credentials, Optional<String> trusted) {
        try {
            pull(credentials, trusted);
        } catch (PluralityException e) {
            return e;
        }
        throw new AssertionError("it should have failed");
    }

    private PullResult pull(Credentials credentials) throws PluralityException {
        return pull(credentials, Optional.of(trusted()));
    }

    private PullResult pull(Credentials credentials, Optional<String> trusted) throws PluralityException {
        Registry.Access access = new Registry.Access(
                new HttpClients(SHORT, CertificateBundles.of(trusted, Map.of()), new EnvironmentProxies(Map.of())),
                (_, _) -> credentials,
                "no file",
                new InsecureRegistries(Set.of()),
                SHORT,
                trace::add);
        return new Puller(
                        Cache.openOrCreate(root.resolve("cache")),
                        FakePlaces.registries(access),
                        FakeRootfs::new,
                        new ShutdownHandler(),
                        Clock.systemUTC(),
                        2)
                .pull(
                        PullRequest.of(
                                ImageReference.parse(scene.home.host() + "/a/b:1"),
                                Platform.parse("linux/amd64"),
                                RootfsKind.DIR),
                        new Progress.Quiet());
    }

    private static String trusted() {
        return certificate.pem().toString();
    }

    private List<Path> filesWith(String secret) throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(secret)) {
                    found.add(file);
                }
            }
        }
        return found;
    }
}
