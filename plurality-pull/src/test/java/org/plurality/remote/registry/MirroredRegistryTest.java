// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.fake.FakeFaults;
import org.plurality.fake.FakeImage;
import org.plurality.fake.FakeRegistry;
import org.plurality.image.ImageReader;
import org.plurality.image.Manifest;
import org.plurality.reference.ImageReference;
import org.plurality.remote.conf.RegistriesConf;
import org.plurality.remote.credentials.Credentials;
import org.plurality.remote.credentials.Secret;

class MirroredRegistryTest {
    private static final RetryPolicy SHORT = new RetryPolicy(
            Duration.ofSeconds(2), Duration.ofSeconds(2), 2, Duration.ofMillis(5), Duration.ofSeconds(1));

    @TempDir
    private Path home;

    private final FakeRegistry mirror;
    private final FakeRegistry own;
    private final FakeImage image = new FakeImage(5, 1, 300_000);

    MirroredRegistryTest() throws IOException {
        mirror = new FakeRegistry();
        own = new FakeRegistry().add("1", image);
    }

    @BeforeEach
    void configure() throws IOException {
        Path directory = Files.createDirectories(home.resolve(".config/containers"));
        Files.writeString(
                directory.resolve("registries.conf"),
                "[[registry]]\nprefix = \"example.test\"\nlocation = \"" + own.host() + "\"\ninsecure = true\n"
                        + "[[registry.mirror]]\nlocation = \"" + mirror.host() + "/m\"\ninsecure = true\n");
    }

    @AfterEach
    void stop() {
        mirror.close();
        own.close();
    }

    @Test
    void mirrorServesAndTheRegistryIsNotAsked() throws Exception {
        mirror.add("1", image);
        assertThat(fetch()).isEqualTo(image.layer(0));
        assertThat(mirror.received()).allMatch(request -> request.path().startsWith("/v2/m/a/b/"));
        assertThat(own.received()).isEmpty();
    }

    @Test
    void registryServesWhatNoMirrorHas() throws Exception {
        assertThat(fetch()).isEqualTo(image.layer(0));
        assertThat(mirror.received()).hasSize(1);
        assertThat(own.received()).isNotEmpty();
    }

    @Test
    void mirrorThatIsDownIsPassedOver() throws Exception {
        mirror.close();
        assertThat(fetch()).isEqualTo(image.layer(0));
    }

    @Test
    void mirrorThatBreaksOffIsFollowedWhereItEnded() throws Exception {
        mirror.add("1", image);
        mirror.misbehave(FakeFaults.truncated("/blobs/" + image.layerDigest(0), 1, image.layer(0), 100_000))
                .misbehave(FakeFaults.status("/blobs/" + image.layerDigest(0), 99, 500));
        assertThat(fetch()).isEqualTo(image.layer(0));
        assertThat(own.received()).anyMatch(request -> "bytes=100000-299999".equals(request.range()));
    }

    @Test
    void whatTheRegistryItselfSaysIsSaidAndWhatTheMirrorDidAndWhichImageWasWanted() {
        own.misbehave(FakeFaults.status("/manifests/", 99, 403));
        assertThatThrownBy(this::fetch).isInstanceOfSatisfying(PluralityException.class, e -> {
            assertThat(e.kind()).isEqualTo(FailureKind.NOT_AUTHORISED);
            assertThat(e.hint()).contains("plurality-stagein login " + own.host());
            assertThat(e.getMessage())
                    .matches("cannot .*" + own.host()
                            + "/a/b:1: not authorised.*, for example\\.test/a/b:1; before that, " + "cannot .*"
                            + mirror.host() + "/m/a/b:1: it is not there .*");
        });
    }

    @Test
    void credentialsOfOneAreNotShownToTheOther() throws Exception {
        mirror.misbehave(FakeFaults.wants("/v2/", "never", "Basic realm=\"m\""));
        assertThat(fetch()).isEqualTo(image.layer(0));
        assertThat(mirror.received()).allMatch(request -> request.authorization() == null);
    }

    private byte[] fetch() throws PluralityException {
        RegistriesConf conf = RegistriesConf.load(Optional.empty(), Map.of("HOME", home.toString()));
        Registry.Access access = new Registry.Access(
                new HttpClients(
                        SHORT, CertificateBundles.of(Optional.empty(), Map.of()), new EnvironmentProxies(Map.of())),
                (registry, _) -> registry.equals(own.host())
                        ? new Credentials.Password("u", new Secret("p"))
                        : new Credentials.Anonymous(),
                "no file",
                new InsecureRegistries(Set.of()),
                SHORT,
                HttpTrace.NONE);
        try (ImageReader reader = new Registries(conf, access).open(ImageReference.parse("example.test/a/b:1"))) {
            assertThat(reader.names()).containsExactly(ImageReference.parse("example.test/a/b:1"));
            Manifest.Image manifest = (Manifest.Image) reader.manifest();
            reader.config(manifest.config());
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            reader.layer(manifest.layers().getFirst(), (buffer, length) -> bytes.write(buffer, 0, length));
            return bytes.toByteArray();
        }
    }
}
