// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.fake.FakeFaults;
import org.plurality.fake.FakeImage;
import org.plurality.fake.FakeRegistry;
import org.plurality.reference.ImageReference;
import org.plurality.remote.credentials.Credentials;
import org.plurality.remote.credentials.Secret;

/** A registry over plain http names token servers of all kinds to draw secrets. */
class TokenServerTest {
    private static final RetryPolicy SHORT = new RetryPolicy(
            Duration.ofSeconds(2), Duration.ofSeconds(2), 2, Duration.ofMillis(5), Duration.ofSeconds(1));
    private static final Credentials PASSWORD = new Credentials.Password("user", new Secret("canary"));

    private final FakeImage image = new FakeImage(1, 1, 100);
    private final FakeRegistry registry = new FakeRegistry().add("1", image);
    private final FakeRegistry other = new FakeRegistry();
    private final List<String> notes = new CopyOnWriteArrayList<>();

    TokenServerTest() throws IOException {
        other.misbehave(FakeFaults.content("/token", FakeImage.utf8("{\"token\":\"t\"}")));
        registry.misbehave(FakeFaults.content("/token", FakeImage.utf8("{\"token\":\"t\"}")));
    }

    @AfterEach
    void stop() {
        registry.close();
        other.close();
    }

    @Test
    void secretIsNotSentOverPlainHttpToAnotherPortOfTheHost() {
        realm(other.url("/token"));
        assertThatThrownBy(() -> pull(PASSWORD, Set.of(registry.host())))
                .isInstanceOfSatisfying(
                        PluralityException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.NOT_AUTHORISED))
                .hasMessageContaining("plain http, to which credentials are not sent");
        assertThat(other.received()).isEmpty();
        assertThatThrownBy(() -> pull(new Credentials.IdentityToken(new Secret("canary")), Set.of(registry.host())))
                .hasMessageContaining("plain http");
        assertThat(other.received()).isEmpty();
    }

    @Test
    void tokenWithoutCredentialsMayComeFromThere() throws Exception {
        realm(other.url("/token"));
        pull(new Credentials.Anonymous(), Set.of(registry.host()));
        assertThat(other.received()).hasSize(1).allMatch(request -> request.authorization() == null);
        assertThat(notes).isEmpty();
    }

    @Test
    void registrysOwnOriginGetsItsSecret() throws Exception {
        realm(registry.url("/token"));
        pull(PASSWORD, Set.of(registry.host()));
        assertThat(notes).isEmpty();
    }

    @Test
    void userIsToldOnceOfATokenServerOfAnotherDomain() throws Exception {
        String elsewhere = other.host().replace("127.0.0.1", "localhost");
        realm("http://" + elsewhere + "/token");
        pull(PASSWORD, Set.of(registry.host(), elsewhere));
        assertThat(other.received()).isNotEmpty().allMatch(request -> request.authorization() != null);
        assertThat(notes).containsExactly("the credentials of 127.0.0.1 are sent to its token server on localhost");
    }

    @Test
    void userIsToldWhyNoCredentialsAreShown() {
        registry.misbehave(FakeFaults.wants("/v2/", "never", "Basic realm=\"r\""));
        assertThatThrownBy(() -> pull(new Credentials.Anonymous("the helper is missing"), Set.of(registry.host())))
                .hasMessageContaining("none were found: the helper is missing");
    }

    private void realm(String url) {
        registry.misbehave(FakeFaults.wants("/v2/", "Bearer t", "Bearer realm=\"" + url + "\",service=\"s\""));
    }

    private void pull(Credentials credentials, Set<String> insecure) throws PluralityException {
        HttpTrace trace = new HttpTrace() {
            @Override
            public void line(String line) {}

            @Override
            public void note(String note) {
                notes.add(note);
            }
        };
        Registry.Access access = new Registry.Access(
                new HttpClients(
                        SHORT, CertificateBundles.of(Optional.empty(), Map.of()), new EnvironmentProxies(Map.of())),
                (_, _) -> credentials,
                "no file",
                new InsecureRegistries(insecure),
                SHORT,
                trace);
        ImageReference reference = ImageReference.parse(registry.host() + "/a/b:1");
        assertThat(Registry.of(reference, access).manifest().digest()).isEqualTo(image.digest());
    }
}
