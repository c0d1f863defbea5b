// SPDX-License-Identifier: Apache-2.0
package org.plurality.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.cache.Cache;
import org.plurality.cache.RootfsKind;
import org.plurality.display.Progress;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.fake.FakeImage;
import org.plurality.fake.FakePlaces;
import org.plurality.fake.FakeRegistry;
import org.plurality.fake.FakeRootfs;
import org.plurality.fake.FakeSigner;
import org.plurality.reference.Digest;
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
import org.plurality.trust.Admission;

/** Policies, and signatures with a real payload beside the image. */
class SignaturesTest {
    private static final RetryPolicy SHORT = new RetryPolicy(
            Duration.ofSeconds(2), Duration.ofSeconds(2), 2, Duration.ofMillis(5), Duration.ofSeconds(1));

    @TempDir
    private Path root;

    private final FakeRegistry registry;
    private final FakeImage image = new FakeImage(3, 1, 1000);
    private final FakeSigner signer;
    private Optional<String> policy = Optional.empty();
    private List<String> keys = List.of();

    SignaturesTest() throws IOException, GeneralSecurityException {
        registry = new FakeRegistry().add("1", image);
        signer = FakeSigner.p256();
    }

    @BeforeEach
    void writeKey() throws IOException {
        signer.write(root.resolve("key.pub"));
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void signedImageIsAccepted() throws Exception {
        requireKey();
        signer.publish(registry, repository(), image.digest());
        assertAccepted("1");
        // And again, when it is there already.
        assertAccepted("1");
    }

    @Tag("slow")
    @Test
    void everyKindOfKeyThatSigstoreUsesIsUnderstood() throws Exception {
        for (FakeSigner other : List.of(
                new FakeSigner("EC", 384, "SHA256withECDSA"),
                new FakeSigner("RSA", 2048, "SHA256withRSA"),
                new FakeSigner("Ed25519", 0, "Ed25519"))) {
            keys = List.of(other.write(root.resolve("other.pub")).toString());
            assertRefused("1", "by a key that is wanted", () -> signer.publish(registry, repository(), image.digest()));
            other.publish(registry, repository(), image.digest());
            assertAccepted("1");
        }
    }

    @Test
    void oneOfSeveralKeysIsEnough() throws Exception {
        Path other = FakeSigner.p256().write(root.resolve("other.pub"));
        keys = List.of(other.toString(), root.resolve("key.pub").toString());
        signer.publish(registry, repository(), image.digest());
        assertAccepted("1");
    }

    @Test
    void signatureOfTheIndexCountsForItsImages() throws Exception {
        requireKey();
        byte[] index = FakeImage.index(FakeImage.entry(FakeImage.MANIFEST_TYPE, image.manifest(), "linux/amd64"));
        registry.manifest("multi", index, FakeImage.INDEX_TYPE);
        signer.publish(registry, repository(), Digest.sha256(index));
        assertAccepted("multi");
        assertRefused("1", "no signature");
    }

    @Test
    void signatureThatRefersToTheImageCounts() throws Exception {
        requireKey();
        byte[] payload = FakeSigner.payload(repository(), image.digest());
        byte[] signature = FakeSigner.attach(registry, payload, signer.sign(payload));
        registry.manifest("whatever", signature, FakeImage.MANIFEST_TYPE);
        registry.referrers(
                image.digest(),
                FakeImage.utf8("{\"schemaVersion\":2,\"mediaType\":\"" + FakeImage.INDEX_TYPE
                        + "\",\"manifests\":[{\"mediaType\":\"" + FakeImage.MANIFEST_TYPE + "\",\"digest\":\""
                        + Digest.sha256(signature) + "\",\"size\":" + signature.length
                        + ",\"artifactType\":\"application/vnd.dev.cosign.artifact.sig.v1+json\"}]}"));
        assertAccepted("1");
    }

    @Test
    void missingSignatureIsRefusedAlsoForWhatIsThere() throws Exception {
        assertAccepted("1");
        requireKey();
        assertRefused("1", "it has no signature");
        assertThat(refusal("@" + image.digest())).hasMessageContaining("it has no signature");
    }

    @Test
    void movedTagIsRefused() throws Exception {
        requireKey();
        signer.publish(registry, repository(), image.digest());
        assertAccepted("1");
        FakeImage other = new FakeImage(4, 1, 1000);
        registry.add("1", other);
        assertRefused("1", "it has no signature");
        // Nor when the old signature is copied to where the new one would be.
        byte[] payload = FakeSigner.payload(repository(), image.digest());
        registry.manifest(
                FakeSigner.tag(other.digest()),
                FakeSigner.attach(registry, payload, signer.sign(payload)),
                FakeImage.MANIFEST_TYPE);
        assertRefused("1", "one of another image");
    }

    @Test
    void otherKeyIsRefused() throws Exception {
        requireKey();
        FakeSigner.p256().publish(registry, repository(), image.digest());
        assertRefused("1", "not by a key that is wanted");
    }

    @Test
    void replacedPayloadIsRefused() throws Exception {
        requireKey();
        byte[] signed = FakeSigner.payload(repository(), new FakeImage(9, 1, 10).digest());
        byte[] replaced = FakeSigner.payload(repository(), image.digest());
        registry.manifest(
                FakeSigner.tag(image.digest()),
                FakeSigner.attach(registry, replaced, signer.sign(signed)),
                FakeImage.MANIFEST_TYPE);
        assertRefused("1", "not by a key that is wanted");
    }

    @Test
    void payloadThatIsNoImagesIsRefused() throws Exception {
        requireKey();
        for (String payload : List.of(
                "{}",
                "{\"critical\":{\"type\":\"atomic container signature\"}}",
                new String(FakeSigner.payload(repository(), image.digest()), StandardCharsets.UTF_8)
                        .replace("cosign container", "other"),
                "x".repeat(1000))) {
            byte[] bytes = FakeImage.utf8(payload);
            registry.manifest(
                    FakeSigner.tag(image.digest()),
                    FakeSigner.attach(registry, bytes, signer.sign(bytes)),
                    FakeImage.MANIFEST_TYPE);
            assertRefused("1", "not understood");
        }
    }

    @Test
    void signatureThatIsHugeOrNoneIsPassedOver() throws Exception {
        requireKey();
        byte[] huge = FakeImage.utf8(" ".repeat(1 << 20));
        registry.manifest(
                FakeSigner.tag(image.digest()),
                FakeSigner.attach(registry, huge, signer.sign(huge)),
                FakeImage.MANIFEST_TYPE);
        assertRefused("1", "it has no signature");
        byte[] payload = FakeSigner.payload(repository(), image.digest());
        registry.manifest(
                FakeSigner.tag(image.digest()), FakeSigner.attach(registry, payload, "%%%"), FakeImage.MANIFEST_TYPE);
        assertRefused("1", "not by a key that is wanted");
    }

    @Test
    void signatureOfAnotherRepositoryIsRefused() throws Exception {
        requireKey();
        signer.publish(registry, registry.host() + "/evil/b", image.digest());
        assertRefused("1", "is for the name " + registry.host() + "/evil/b");
        signer.publish(registry, "not a name", image.digest());
        assertRefused("1", "not understood");
    }

    @Test
    void policyDecidesByTheMostSpecificScope() throws Exception {
        String repository = repository();
        policy("{\"default\":[{\"type\":\"reject\"}]}");
        assertRefused("1", "the policy rejects it");
        policy("{\"default\":[{\"type\":\"reject\"}],\"transports\":{\"docker\":{\"" + registry.host()
                + "\":[{\"type\":\"insecureAcceptAnything\"}]}}}");
        assertAccepted("1");
        policy("{\"default\":[{\"type\":\"reject\"}],\"transports\":{\"docker\":{\"" + registry.host()
                + "/a\":[{\"type\":\"reject\"}],\"" + repository + ":1\":[{\"type\":\"insecureAcceptAnything\"}]}}}");
        assertAccepted("1");
        policy("{\"default\":[{\"type\":\"insecureAcceptAnything\"}],\"transports\":{\"docker\":{\"\":"
                + "[{\"type\":\"reject\"}]}}}");
        assertRefused("1", "the policy rejects it");
    }

    @Test
    void identitiesAreMatchedAsThePolicySays() throws Exception {
        String tagged = repository() + ":1";
        signedPolicy("");
        signer.publish(registry, repository(), image.digest());
        assertRefused("1", "is for the name");
        signer.publish(registry, tagged, image.digest());
        assertAccepted("1");
        assertThat(pull("@" + image.digest()).alreadyPresent()).isTrue();
        signedPolicy(",\"signedIdentity\":{\"type\":\"matchExact\"}");
        assertAccepted("1");
        assertThat(refusal("@" + image.digest())).hasMessageContaining("is for the name");
        signedPolicy(",\"signedIdentity\":{\"type\":\"matchRepository\"}");
        assertAccepted("1");
        signer.publish(registry, "example.org/x/y:2", image.digest());
        assertRefused("1", "is for the name");
        signedPolicy(",\"signedIdentity\":{\"type\":\"exactReference\",\"dockerReference\":\"example.org/x/y:2\"}");
        assertAccepted("1");
        signedPolicy(",\"signedIdentity\":{\"type\":\"exactRepository\",\"dockerRepository\":\"example.org/x/y\"}");
        assertAccepted("1");
        signedPolicy(",\"signedIdentity\":{\"type\":\"exactReference\",\"dockerReference\":\"example.org/x/y:3\"}");
        assertRefused("1", "is for the name");
        signer.publish(registry, "example.org/z/b:1", image.digest());
        signedPolicy(",\"signedIdentity\":{\"type\":\"remapIdentity\",\"prefix\":\"" + registry.host()
                + "/a\",\"signedPrefix\":\"example.org/z\"}");
        assertAccepted("1");
        signedPolicy(",\"signedIdentity\":{\"type\":\"remapIdentity\",\"prefix\":\"" + registry.host()
                + "/other\",\"signedPrefix\":\"example.org/z\"}");
        assertRefused("1", "is for the name");
    }

    @Test
    void keysMayStandInThePolicyAndAllRequirementsCount() throws Exception {
        String data = Base64.getEncoder().encodeToString(FakeImage.utf8(signer.pem()));
        String signed = "{\"type\":\"sigstoreSigned\",\"keyData\":\"" + data
                + "\",\"signedIdentity\":{\"type\":\"matchRepository\"}}";
        signer.publish(registry, repository(), image.digest());
        policy("{\"default\":[" + signed + "]}");
        assertAccepted("1");
        policy("{\"default\":[" + signed + ",{\"type\":\"reject\"}]}");
        assertRefused("1", "rejects");
        String other = FakeSigner.p256().write(root.resolve("other.pub")).toString();
        policy("{\"default\":[" + signed + ",{\"type\":\"sigstoreSigned\",\"keyPaths\":[\"" + other + "\"]}]}");
        assertRefused("1", "not by a key");
    }

    @Test
    void whatIsNotCheckedHereIsNeverAccepted() throws Exception {
        for (String requirement : List.of(
                "{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"/k\"}",
                "{\"type\":\"sigstoreSigned\",\"keyPath\":\"/k\",\"rekorPublicKeyPath\":\"/r\"}",
                "{\"type\":\"sigstoreSigned\",\"fulcio\":{}}")) {
            policy("{\"default\":[" + requirement + "]}");
            assertRefused("1", "not checked here");
        }
    }

    @Test
    void policyThatIsNotUnderstoodStopsThePull() throws Exception {
        for (String text : List.of(
                "{}",
                "{\"default\":[]}",
                "{\"default\":[{\"type\":\"accept\"}]}",
                "{\"default\":[{\"type\":\"reject\",\"more\":1}]}",
                "{\"default\":[{\"type\":\"insecureAcceptAnything\"}],\"more\":{}}",
                "{\"default\":[{\"type\":\"sigstoreSigned\"}]}",
                "{\"default\":[{\"type\":\"sigstoreSigned\",\"keyPath\":\"/nonexistent\"}]}",
                "{\"default\":[{\"type\":\"sigstoreSigned\",\"keyData\":\"AAAA\"}]}",
                "{\"default\":[{\"type\":\"sigstoreSigned\",\"keyPath\":\"/k\",\"keyData\":\"AAAA\"}]}",
                // The last of two would win, and a "reject" be lost.
                "{\"default\":[{\"type\":\"reject\"}],\"default\":[{\"type\":\"insecureAcceptAnything\"}]}",
                accepting("\"docker\":{\"a.org\":[{\"type\":\"reject\"}],\"a.org\":[{\"type\":\"reject\"}]}"),
                accepting("\"docker\":{\"\":[{\"type\":\"reject\",\"type\":\"insecureAcceptAnything\"}]}"),
                // Also where no image here is below the scope.
                accepting("\"docker\":{\"other.org\":[]}"),
                accepting("\"docker\":{\"other.org\":[{\"type\":\"rejekt\"}]}"),
                accepting("\"docker\":{\"other.org\":[{\"type\":\"signedBy\",\"keyPath\":\"/k\"}]}"),
                accepting("\"docker\":{\"other.org\":[{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\"}]}"),
                accepting("\"docker\":{\"other.org\":{\"type\":\"reject\"}}"),
                accepting("\"docker\":{\"other.org\":[{\"type\":\"sigstoreSigned\",\"keyPath\":\"/k\","
                        + "\"signedIdentity\":{\"type\":\"matchSomething\"}}]}"),
                accepting("\"docker\":{\"other.org\":[{\"type\":\"sigstoreSigned\",\"keyPath\":\"/k\","
                        + "\"signedIdentity\":{\"type\":\"exactReference\",\"dockerReference\":\"a/b\"}}]}"),
                accepting(
                        "\"docker\":{\"other.org\":[{\"type\":\"sigstoreSigned\",\"keyPath\":\"/k\","
                                + "\"signedIdentity\":{\"type\":\"remapIdentity\",\"prefix\":\"a/\",\"signedPrefix\":\"b\"}}]}"),
                accepting("\"dir\":{\"relative\":[{\"type\":\"reject\"}]}"),
                accepting("\"oci\":{\"/a/../b\":[{\"type\":\"reject\"}]}"),
                accepting("\"oci\":{\"/a/\":[{\"type\":\"reject\"}]}"),
                accepting("\"dir\":{\"/\":[{\"type\":\"reject\"}]}"),
                "no json")) {
            policy(text);
            PluralityException refusal = refusal(":1");
            assertThat(refusal.kind()).as(text).isEqualTo(FailureKind.USAGE);
            assertThat(refusal).hasMessageStartingWith("cannot use the policy " + root.resolve("policy.json"));
        }
    }

    @Test
    void policyMayNameKeysThatAreNotHereForImagesThatAreNotPulled() throws Exception {
        policy(accepting("\"docker\":{\"other.org/x\":[{\"type\":\"sigstoreSigned\",\"keyPath\":\"/nonexistent\"}],"
                + "\"*.example.org\":[{\"type\":\"reject\"}]},\"atomic\":{\"any\":[{\"type\":\"reject\"}]},"
                + "\"oci\":{\"/a/b\":[{\"type\":\"reject\"}],\"/a/b:tag\":[{\"type\":\"reject\"}]},"
                + "\"docker-daemon\":{\"\":[{\"type\":\"reject\"}]}"));
        assertAccepted("1");
    }

    @Test
    void signatureThatSaysMoreThanIsKnownIsRefused() throws Exception {
        requireKey();
        String known = new String(FakeSigner.payload(repository(), image.digest()), StandardCharsets.UTF_8);
        for (String payload : List.of(
                known.replace("\"critical\":{", "\"critical\":{\"more\":1,"),
                known.replace("\"identity\":{", "\"identity\":{\"more\":1,"),
                known.replace("\"image\":{", "\"image\":{\"more\":1,"),
                known.replace("{\"critical\"", "{\"more\":1,\"critical\""),
                known.replace("\"identity\":{", "\"identity\":{\"docker-reference\":\"a\","),
                known.replace("\"critical\":{", "\"critical\":[").replace("}}", "}]"))) {
            assertThat(payload).isNotEqualTo(known);
            byte[] bytes = FakeImage.utf8(payload);
            registry.manifest(
                    FakeSigner.tag(image.digest()),
                    FakeSigner.attach(registry, bytes, signer.sign(bytes)),
                    FakeImage.MANIFEST_TYPE);
            assertRefused("1", "not understood");
        }
    }

    @Test
    void tagBesideADigestHasToBeTheOneThatWasSigned() throws Exception {
        signedPolicy("");
        signer.publish(registry, repository() + ":2", image.digest());
        assertThat(refusal(":1@" + image.digest())).hasMessageContaining("is for the name " + repository() + ":2");
        assertThat(pull("@" + image.digest()).entry().document().digest()).isEqualTo(image.digest());
        signer.publish(registry, repository() + ":1", image.digest());
        assertThat(pull(":1@" + image.digest()).entry().document().digest()).isEqualTo(image.digest());
        signer.publish(registry, repository() + ":1@" + image.digest(), image.digest());
        assertThat(pull(":1@" + image.digest()).entry().document().digest()).isEqualTo(image.digest());
        signer.publish(registry, repository() + "@" + image.digest(), image.digest());
        assertThat(refusal(":1@" + image.digest())).hasMessageContaining("is for the name");
    }

    private static String accepting(String transports) {
        return "{\"default\":[{\"type\":\"insecureAcceptAnything\"}],\"transports\":{" + transports + "}}";
    }

    @Test
    void privateKeyIsNotTakenForAPublicOne() throws Exception {
        Path key = root.resolve("private");
        Files.writeString(key, "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n");
        keys = List.of(key.toString());
        assertThat(refusal(":1").kind()).isEqualTo(FailureKind.USAGE);
    }

    private String repository() {
        return registry.host() + "/a/b";
    }

    private void requireKey() {
        keys = List.of(root.resolve("key.pub").toString());
    }

    private void policy(String text) throws IOException {
        policy =
                Optional.of(Files.writeString(root.resolve("policy.json"), text).toString());
    }

    private void signedPolicy(String identity) throws IOException {
        policy("{\"default\":[{\"type\":\"sigstoreSigned\",\"keyPath\":\"" + root.resolve("key.pub") + "\"" + identity
                + "}]}");
    }

    /** What is done before something is expected. */
    @FunctionalInterface
    interface Step {
        void run() throws Exception;
    }

    private void assertAccepted(String tag) throws Exception {
        assertThat(pull(":" + tag).entry().document().digest()).isEqualTo(image.digest());
    }

    private void assertRefused(String tag, String why, Step before) throws Exception {
        before.run();
        assertRefused(tag, why);
    }

    private void assertRefused(String tag, String why) {
        PluralityException refusal = refusal(":" + tag);
        assertThat(refusal).hasMessageContaining(why).hasMessageStartingWith("cannot accept " + repository());
        assertThat(refusal.kind()).isEqualTo(FailureKind.INTEGRITY);
    }

    private PluralityException refusal(String tagOrDigest) {
        return catchThrowableOfType(PluralityException.class, () -> pull(tagOrDigest));
    }

    private PullResult pull(String tagOrDigest) throws PluralityException {
        Registry.Access access = new Registry.Access(
                new HttpClients(
                        SHORT, CertificateBundles.of(Optional.empty(), Map.of()), new EnvironmentProxies(Map.of())),
                (_, _) -> new Credentials.Anonymous(),
                "no file",
                new InsecureRegistries(Set.of(registry.host())),
                SHORT,
                HttpTrace.NONE);
        Puller puller = new Puller(
                        Cache.openOrCreate(root.resolve("cache")),
                        FakePlaces.registries(access),
                        FakeRootfs::new,
                        new ShutdownHandler(),
                        Clock.systemUTC(),
                        2)
                .admitting(Admission.of(policy, keys, Map.of("HOME", root.toString())));
        PullRequest request = PullRequest.of(
                ImageReference.parse(repository() + tagOrDigest), Platform.parse("linux/amd64"), RootfsKind.DIR);
        return puller.pull(request, new Progress.Quiet());
    }
}
