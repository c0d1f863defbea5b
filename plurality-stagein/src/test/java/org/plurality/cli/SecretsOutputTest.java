// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.plurality.app.Session;
import org.plurality.fake.FakeFaults;
import org.plurality.fake.FakeImage;
import org.plurality.fake.FakeRegistry;
import org.plurality.fake.FakeSigner;
import org.plurality.pull.ShutdownHandler;

/** Whole commands: no secret is in what they print, in the cache with its log of events, or at another host. */
@Tag("slow")
class SecretsOutputTest {
    private static final String CANARY = "cAnArY-9876543210fedcba";
    private static final String PAIR =
            Base64.getEncoder().encodeToString(("user:" + CANARY).getBytes(StandardCharsets.UTF_8));
    private static final List<String> SECRETS = List.of(CANARY, PAIR);

    @TempDir
    private Path root;

    private final FakeRegistry registry;
    private final FakeRegistry other;
    private final FakeImage image = new FakeImage(List.of(FakeImage.tar("hello", FakeImage.utf8("world"))));
    private final Map<String, String> environment = new HashMap<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final List<String> proxyAuthorizations = new CopyOnWriteArrayList<>();

    SecretsOutputTest() throws IOException {
        registry = new FakeRegistry().add("1", image);
        other = new FakeRegistry().add("1", image);
    }

    @AfterEach
    void stop() {
        registry.close();
        other.close();
    }

    /** Where the secret comes from, what goes wrong, and what is run. */
    record Case(String name, int status, Setting setting, List<String> options) {
        @Override
        public String toString() {
            return name;
        }
    }

    @FunctionalInterface
    interface Setting {
        void arrange(SecretsOutputTest test) throws IOException, GeneralSecurityException;
    }

    static Stream<Case> cases() {
        List<Case> cases = new ArrayList<>();
        List<List<String>> outputs = List.of(
                List.of("--json"),
                List.of("--progress", "json"),
                List.of("--progress", "plain"),
                List.of("--debug"),
                List.of("--debug", "--json", "--progress", "json"));
        for (List<String> options : outputs) {
            String with = " with " + String.join(" ", options);
            cases.add(new Case("an auth file" + with, 0, SecretsOutputTest::authFile, options));
            cases.add(new Case(
                    "a helper that tells all on its standard error" + with, 0, test -> test.helper(0), options));
            cases.add(new Case("a helper that tells all and fails" + with, 4, test -> test.helper(1), options));
            cases.add(new Case("a registry that echoes what it was sent" + with, 5, SecretsOutputTest::echo, options));
            cases.add(new Case("a damaged auth file" + with, 4, SecretsOutputTest::damaged, options));
            cases.add(new Case("a policy that refuses" + with, 6, SecretsOutputTest::refusingPolicy, options));
            cases.add(new Case("a policy that cannot be read" + with, 2, SecretsOutputTest::damagedPolicy, options));
            cases.add(new Case("a key that is wanted" + with, 6, SecretsOutputTest::wantedKey, options));
        }
        return cases.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void noOutputHasASecret(Case one) throws Exception {
        one.setting.arrange(this);
        int status = pull(registry.host() + "/a/b:1", one.options.toArray(String[]::new));
        assertThat(status).as(printed()).isEqualTo(one.status);
        if (status == 0) {
            assertThat(registry.received()).anyMatch(request -> ("Basic " + PAIR).equals(request.authorization()));
        }
        assertNoSecret();
    }

    @Test
    void proxyAloneGetsItsPassword() throws Exception {
        environment.put("HTTP_PROXY", "http://user:" + CANARY + "@" + other.host());
        environment.put("NO_PROXY", registry.host());
        remember(registry);
        // The proxy answers for any host; blobs are elsewhere, where no proxy is asked.
        other.misbehave(FakeFaults.times("/", Integer.MAX_VALUE, (exchange, _) -> {
                    String sent = exchange.getRequestHeaders().getFirst("Proxy-Authorization");
                    if (("Basic " + PAIR).equals(sent)) {
                        return false;
                    }
                    exchange.getResponseHeaders().set("Proxy-Authenticate", "Basic realm=\"p\"");
                    FakeRegistry.answer(exchange, 407, new byte[0]);
                    return true;
                }))
                .misbehave(FakeFaults.times("/blobs/", Integer.MAX_VALUE, (exchange, path) -> {
                    exchange.getResponseHeaders().set("Location", registry.url(path.substring(path.indexOf("/v2/"))));
                    FakeRegistry.answer(exchange, 307, new byte[0]);
                    return true;
                }));
        environment.put("PLURALITY_INSECURE_REGISTRIES", "images.test:80");
        int status = pull("images.test:80/a/b:1", "--debug", "--json");
        assertThat(status).as(printed()).isZero();
        assertThat(registry.count("/blobs/")).isPositive();
        assertThat(proxyAuthorizations).isEmpty();
        assertNoSecret();
    }

    @Test
    void proxyThatIsNotUnderstoodIsAUsageErrorAndNotGoneRound() throws Exception {
        environment.put("HTTP_PROXY", "socks5://user:" + CANARY + "@" + other.host());
        environment.put("PLURALITY_INSECURE_REGISTRIES", registry.host());
        assertThat(pull(registry.host() + "/a/b:1")).isEqualTo(2);
        assertThat(printed()).contains("the proxy in HTTP_PROXY");
        assertThat(registry.received()).isEmpty();
        assertNoSecret();
    }

    @Test
    void proxyThatRefusesIsNamedWithoutItsPassword() throws Exception {
        environment.put("HTTP_PROXY", "http://user:" + CANARY + "@" + other.host());
        other.misbehave(FakeFaults.times("/", Integer.MAX_VALUE, (exchange, _) -> {
            exchange.getResponseHeaders().set("Proxy-Authenticate", "Basic realm=\"p\"");
            FakeRegistry.answer(exchange, 407, FakeImage.utf8("user:" + CANARY));
            return true;
        }));
        assertThat(pull("127.0.0.1:1/a/b:1", "--debug")).isNotZero();
        environment.put("HTTP_PROXY", "http://user:" + CANARY + "@127.0.0.1:1");
        assertThat(pull("127.0.0.1:1/a/b:1", "--debug")).isNotZero();
        environment.put("HTTP_PROXY", "http://user:" + CANARY + "@no host/");
        assertThat(pull("127.0.0.1:1/a/b:1", "--debug")).isNotZero();
        assertNoSecret();
    }

    @Test
    void mirrorElsewhereGetsNoCredentialsOfTheRegistryAndTheRegistryNoneOfTheMirrors() throws Exception {
        authFile();
        Path conf = Files.writeString(
                root.resolve("registries.conf"),
                "[[registry]]\nlocation = \"" + registry.host()
                        + "\"\ninsecure = true\n[[registry.mirror]]\nlocation = \"" + other.host()
                        + "\"\ninsecure = true\n");
        environment.put("PLURALITY_REGISTRIES_CONF", conf.toString());
        other.misbehave(FakeFaults.wants("/v2/", "never", "Basic realm=\"m\""));
        assertThat(pull(registry.host() + "/a/b:1", "--debug")).as(printed()).isZero();
        assertThat(other.received()).isNotEmpty().allMatch(request -> request.authorization() == null);
        assertThat(registry.received()).anyMatch(request -> ("Basic " + PAIR).equals(request.authorization()));
        assertNoSecret();
    }

    private void authFile() throws IOException {
        registry.misbehave(FakeFaults.wants("/v2/", "Basic " + PAIR, "Basic realm=\"r\""));
        auth("{\"auths\":{\"" + registry.host() + "\":{\"auth\":\"" + PAIR + "\"}}}");
    }

    private void helper(int status) throws IOException {
        registry.misbehave(FakeFaults.wants("/v2/", "Basic " + PAIR, "Basic realm=\"r\""));
        Path bin = Files.createDirectories(root.resolve("bin"));
        Path helper = Files.writeString(
                bin.resolve("docker-credential-x"),
                "#!/bin/sh\ncat >/dev/null\necho " + CANARY + " " + PAIR + " >&2\n"
                        + "printf '{\"Username\":\"user\",\"Secret\":\"" + CANARY + "\"}'\nexit " + status + "\n");
        Files.setPosixFilePermissions(helper, PosixFilePermissions.fromString("rwxr-xr-x"));
        environment.put("PATH", bin + ":/usr/bin:/bin");
        auth("{\"credHelpers\":{\"" + registry.host() + "\":\"x\"}}");
    }

    private void damaged() throws IOException {
        registry.misbehave(FakeFaults.wants("/v2/", "Basic " + PAIR, "Basic realm=\"r\""));
        auth("{\"auths\":{\"" + registry.host() + "\":{\"auth\":\"" + PAIR + "\"},\"" + CANARY);
    }

    private void echo() throws IOException {
        authFile();
        registry.misbehave(FakeFaults.times("/blobs/", Integer.MAX_VALUE, (exchange, _) -> {
            String sent = exchange.getRequestHeaders().getFirst("Authorization");
            FakeRegistry.answer(
                    exchange,
                    400,
                    FakeImage.utf8("{\"errors\":[{\"code\":\"" + sent + "\",\"message\":\"" + CANARY + "\"}]}"));
            return true;
        }));
    }

    private void refusingPolicy() throws IOException {
        authFile();
        policy("{\"default\":[{\"type\":\"reject\"}]}");
    }

    private void damagedPolicy() throws IOException {
        authFile();
        policy("{\"default\":[{\"type\":\"odd\"}]}");
    }

    private void wantedKey() throws IOException, GeneralSecurityException {
        authFile();
        Path key = FakeSigner.p256().write(root.resolve("key.pub"));
        environment.put("PLURALITY_REQUIRE_SIGNATURE", key.toString());
    }

    private void auth(String text) throws IOException {
        Path file =
                Files.createDirectories(root.resolve("home/.config/containers")).resolve("auth.json");
        Files.writeString(file, text);
    }

    private void policy(String text) throws IOException {
        environment.put(
                "PLURALITY_SIGNATURE_POLICY",
                Files.writeString(root.resolve("policy.json"), text).toString());
    }

    private void remember(FakeRegistry place) {
        place.misbehave((exchange, _) -> {
            List<String> sent = exchange.getRequestHeaders().get("Proxy-Authorization");
            if (sent != null) {
                proxyAuthorizations.addAll(sent);
            }
            return false;
        });
    }

    private int pull(String reference, String... options) {
        environment.putIfAbsent("PLURALITY_INSECURE_REGISTRIES", registry.host() + ",127.0.0.1:1");
        environment.put("HOME", root.resolve("home").toString());
        environment.put("PLURALITY_CACHE", root.resolve("cache").toString());
        List<String> arguments = new ArrayList<>(List.of("pull", "--platform", "linux/amd64"));
        arguments.addAll(List.of(options));
        arguments.add(reference);
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        return new StageInCli(new Session(environment, stream, stream, false, new ShutdownHandler()))
                .run(arguments.toArray(String[]::new));
    }

    private String printed() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private void assertNoSecret() throws IOException {
        for (String secret : SECRETS) {
            assertThat(printed()).doesNotContain(secret);
            try (Stream<Path> files = Files.walk(root.resolve("cache"))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                            .as(file.toString())
                            .doesNotContain(secret);
                }
            }
            assertThat(other.received()).noneMatch(request -> request.path().contains(secret));
        }
    }
}
