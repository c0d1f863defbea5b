// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import okhttp3.Credentials;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.fake.FakeCertificate;
import org.plurality.fake.FakeFaults;
import org.plurality.fake.FakeImage;
import org.plurality.fake.FakeProxy;
import org.plurality.fake.FakeRegistry;
import org.plurality.image.ImageReader;
import org.plurality.image.Manifest;
import org.plurality.reference.ImageReference;
import org.plurality.remote.credentials.Secret;

/** An https registry behind a proxy: its certificate, its name and its credentials are between it and us. */
@Tag("slow")
class TunnelTest {
    private static final RetryPolicy SHORT = new RetryPolicy(
            Duration.ofSeconds(5), Duration.ofSeconds(5), 2, Duration.ofMillis(5), Duration.ofSeconds(5));
    private static final String LOGIN = Credentials.basic("u", "registry-word");
    private static final String PROXY_LOGIN = Credentials.basic("me", "proxy-word");

    @TempDir
    private static Path keys;

    private static FakeCertificate certificate;

    private final FakeImage image = new FakeImage(8, 1, 300_000);
    private FakeRegistry registry;
    private String port;

    @BeforeAll
    static void makeCertificate() throws Exception {
        certificate = new FakeCertificate(keys);
    }

    @BeforeEach
    void start() throws IOException {
        registry = FakeRegistry.tls(certificate).add("1", image);
        registry.misbehave(FakeFaults.wants("/v2/", LOGIN, "Basic realm=\"r\""));
        port = registry.host().substring(registry.host().lastIndexOf(':'));
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void registryThatOnlyTheProxyKnowsIsReachedThroughATunnel() throws Exception {
        try (FakeProxy proxy = new FakeProxy(null)) {
            assertThat(fetch("registry.test" + port, Map.of("HTTPS_PROXY", "http://" + proxy.host())))
                    .isEqualTo(image.layer(0));
            assertThat(proxy.heads()).isNotEmpty().allSatisfy(head -> assertThat(head)
                    .startsWith("CONNECT registry.test" + port + " HTTP/1.1\r\n")
                    .doesNotContain(LOGIN));
        }
    }

    @Test
    void exemptRegistryIsReachedWithoutIt() throws Exception {
        try (FakeProxy proxy = new FakeProxy(null)) {
            for (String exempt : new String[] {"127.0.0.1", "a.test, 127.0.0.0/8", "127.0.0.1" + port, "*"}) {
                Map<String, String> environment = Map.of("https_proxy", "http://" + proxy.host(), "no_proxy", exempt);
                assertThat(fetch(registry.host(), environment)).isEqualTo(image.layer(0));
                assertThat(proxy.heads()).as(exempt).isEmpty();
            }
            fetch(
                    registry.host(),
                    Map.of("HTTPS_PROXY", proxy.host(), "NO_PROXY", "127.0.0.1:1,registry.test,10.0.0.0/8"));
            assertThat(proxy.heads()).isNotEmpty();
        }
    }

    @Test
    void proxysPasswordIsItsAloneAndTheRegistrysItsOwn() throws Exception {
        try (FakeProxy proxy = new FakeProxy(PROXY_LOGIN)) {
            assertThat(fetch("registry.test" + port, Map.of("HTTPS_PROXY", "http://me:proxy-word@" + proxy.host())))
                    .isEqualTo(image.layer(0));
            assertThat(proxy.heads())
                    .anyMatch(head -> head.contains("Proxy-Authorization: " + PROXY_LOGIN))
                    .noneMatch(head -> head.contains(LOGIN));
            assertThat(registry.received())
                    .isNotEmpty()
                    .allMatch(request -> request.authorization() == null
                            || request.authorization().equals(LOGIN));
        }
    }

    @Test
    void proxyThatRefusesIsANetworkFailure() throws Exception {
        try (FakeProxy proxy = new FakeProxy(PROXY_LOGIN)) {
            PluralityException failure = catchThrowableOfType(
                    PluralityException.class,
                    () -> fetch("registry.test" + port, Map.of("HTTPS_PROXY", "http://me:wrong-word@" + proxy.host())));
            assertThat(failure.kind()).isEqualTo(FailureKind.NETWORK);
            assertThat(failure.getMessage() + failure.hint())
                    .contains("registry.test")
                    .contains("HTTPS_PROXY")
                    .doesNotContain("wrong-word");
            assertThat(registry.received()).isEmpty();
        }
    }

    private byte[] fetch(String host, Map<String, String> environment) throws PluralityException {
        HttpClients clients = new HttpClients(
                SHORT,
                CertificateBundles.of(Optional.of(certificate.pem().toString()), Map.of()),
                new EnvironmentProxies(environment));
        Registry.Access access = new Registry.Access(
                clients,
                (_, _) -> new org.plurality.remote.credentials.Credentials.Password("u", new Secret("registry-word")),
                "no file",
                new InsecureRegistries(Set.of()),
                SHORT,
                HttpTrace.NONE);
        try (ImageReader reader = Registry.of(ImageReference.parse(host + "/a/b:1"), access)) {
            Manifest.Image manifest = (Manifest.Image) reader.manifest();
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            reader.layer(manifest.layers().getFirst(), (buffer, length) -> bytes.write(buffer, 0, length));
            return bytes.toByteArray();
        }
    }
}
