// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.credentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.failure.PluralityException;

class CredentialStoreTest {
    private static final String CANARY = "canary-7f3a";

    @TempDir
    Path home;

    @Test
    void longestNamespaceWins() throws Exception {
        file("{\"auths\":{\"host\":" + auth("all") + ",\"host/group\":" + auth("group") + ",\"host/group/app\":"
                + auth("app") + "}}");
        assertThat(user("host", "group/app")).isEqualTo("app");
        assertThat(user("host", "group/other")).isEqualTo("group");
        assertThat(user("host", "groupie/app")).isEqualTo("all");
        assertThat(find("other", "group/app")).isInstanceOf(Credentials.Anonymous.class);
    }

    @Test
    void olderDockerKeysAreUnderstood() throws Exception {
        file("{\"auths\":{\"https://index.docker.io/v1/\":" + auth("hub") + ",\"https://host:5000/v2/\":" + auth("old")
                + "}}");
        assertThat(user("docker.io", "library/alpine")).isEqualTo("hub");
        assertThat(user("host:5000", "app")).isEqualTo("old");
        for (String key : List.of("https://index.docker.io/v1", "index.docker.io", "http://registry-1.docker.io/v2/")) {
            file("{\"auths\":{\"" + key + "\":" + auth("hub") + "}}");
            assertThat(user("docker.io", "library/alpine")).as(key).isEqualTo("hub");
        }
        file("{\"auths\":{\"https://host/some/path\":" + auth("path") + "}}");
        assertThat(user("host", "app")).isEqualTo("path");
        assertThat(find("some", "path")).isEqualTo(new Credentials.Anonymous());
    }

    @Test
    void identityTokensAreNotPasswords() throws Exception {
        file("{\"auths\":{\"host\":{\"auth\":\"\",\"identitytoken\":\"" + CANARY + "\"}}}");
        assertThat(find("host", "app"))
                .isEqualTo(new Credentials.IdentityToken(new Secret(CANARY)))
                .hasToString("IdentityToken[token=(secret)]");
    }

    @Test
    void firstFileThatKnowsTheRegistryDecides() throws Exception {
        file("{\"auths\":{\"host\":" + auth("docker") + "}}");
        Path first = home.resolve(".config/containers/auth.json");
        Files.createDirectories(home.resolve(".config/containers"));
        Files.writeString(first, "{\"auths\":{\"elsewhere\":" + auth("x") + "}}");
        assertThat(user("host", "app")).isEqualTo("docker");
        Files.writeString(first, "{\"auths\":{\"host\":" + auth("containers") + "}}");
        assertThat(user("host", "app")).isEqualTo("containers");
    }

    @Test
    void fileFromTheEnvironmentIsTheOnlyOne() throws Exception {
        file("{\"auths\":{\"host\":" + auth("docker") + "}}");
        Path only = home.resolve("only.json");
        Files.writeString(only, "{}");
        Credentials found = CredentialStore.of(
                        Optional.empty(), Map.of("HOME", home.toString(), "REGISTRY_AUTH_FILE", only.toString()))
                .find("host", "app");
        assertThat(found).isInstanceOf(Credentials.Anonymous.class);
    }

    @Test
    void damagedFileIsAnErrorThatShowsNoSecret() throws Exception {
        file("{\"auths\":{\"host\":{\"auth\":\"" + CANARY + "\"}}}");
        assertThatThrownBy(() -> find("host", "app"))
                .isInstanceOf(PluralityException.class)
                .hasMessageContaining("config.json")
                .hasMessageNotContaining(CANARY);
    }

    @Test
    void helperThatIsMissingLeavesOneAnonymousWithTheReason() throws Exception {
        file("{\"credHelpers\":{\"host\":\"no-such-helper\"}}");
        assertThat(problem()).contains("docker-credential-no-such-helper is not on PATH");
        file("{\"credHelpers\":{\"host\":\"../evil\"}}");
        assertThat(problem()).contains("no credential helper's name");
        file("{\"credsStore\":\"no-such-helper\"}");
        assertThat(problem()).contains("docker-credential-no-such-helper is not on PATH");
    }

    @Test
    void emptyFileHasNothingInIt() throws Exception {
        for (String text : List.of(
                "", "\n", "{}", "{\"auths\":null}", "{\"auths\":{\"host\":null}}", "{\"auths\":{\"host\":{}}}")) {
            file(text);
            assertThat(find("host", "app")).as(text).isEqualTo(new Credentials.Anonymous());
        }
    }

    @Test
    void fileWithTwoEntriesForOneKeyIsRefused() throws Exception {
        file("{\"auths\":{\"host\":" + auth("one") + ",\"host\":" + auth("two") + "}}");
        assertThatThrownBy(() -> find("host", "app")).hasMessageContaining("an object has a name twice");
    }

    @Test
    void emptyHelperOfARegistryLeavesItToTheFile() throws Exception {
        helper("x", "printf '{\"Username\":\"helper\",\"Secret\":\"s\"}'");
        file("{\"credHelpers\":{\"host\":\"\"},\"credsStore\":\"x\",\"auths\":{\"host\":" + auth("plain") + "}}");
        assertThat(user("host", "app")).isEqualTo("plain");
        file("{\"credHelpers\":{\"host\":\"\"},\"credsStore\":\"x\"}");
        assertThat(find("host", "app")).isEqualTo(new Credentials.Anonymous());
        assertThat(user("other", "app")).isEqualTo("helper");
    }

    @Test
    void helperThatAnswersWithNothingLeavesOneAnonymous() throws Exception {
        for (String answer : List.of("{}", "{\"Username\":\"\",\"Secret\":\"\"}", "{\"ServerURL\":\"host\"}")) {
            helper("x", "printf '%s' '" + answer + "'");
            file("{\"credsStore\":\"x\"}");
            assertThat(find("host", "app")).as(answer).isEqualTo(new Credentials.Anonymous());
        }
    }

    @Test
    void helpersOfRegistriesConfAreAskedInTheirOrder() throws Exception {
        helper("x", "printf '{\"Username\":\"helper\",\"Secret\":\"s\"}'");
        file("{\"auths\":{\"host\":" + auth("file") + "}}");
        assertThat(userBy("host", "x", "containers-auth.json")).isEqualTo("helper");
        assertThat(userBy("host", "containers-auth.json", "x")).isEqualTo("file");
        assertThat(userBy("other", "containers-auth.json", "x")).isEqualTo("helper");
        assertThat(userBy("host", "missing", "containers-auth.json")).isEqualTo("file");
    }

    private String userBy(String registry, String... helpers) throws Exception {
        return ((Credentials.Password) store().withHelpers(List.of(helpers)).find(registry, "app")).user();
    }

    private String problem() throws Exception {
        return ((Credentials.Anonymous) find("host", "app")).problem();
    }

    @Test
    void helperIsAskedForTheRegistryAndItsAnswerUsed() throws Exception {
        helper("x", "read server; printf '{\"Username\":\"%s\",\"Secret\":\"" + CANARY + "\"}' \"$1 $server\"");
        file("{\"credHelpers\":{\"host:5000\":\"x\"},\"credsStore\":\"x\",\"auths\":{\"host\":" + auth("plain") + "}}");
        assertThat(user("host:5000", "app")).isEqualTo("get host:5000");
        assertThat(user("other", "app")).isEqualTo("get other");
        assertThat(user("host", "app")).isEqualTo("plain");
        assertThat(user("docker.io", "library/alpine")).isEqualTo("get https://index.docker.io/v1/");
        file("{\"credHelpers\":{\"https://index.docker.io/v1/\":\"x\"}}");
        assertThat(user("docker.io", "library/alpine")).isEqualTo("get https://index.docker.io/v1/");
    }

    @Test
    void helperMayAnswerWithAnIdentityTokenOrWithoutReading() throws Exception {
        helper("x", "printf '{\"Username\":\"<token>\",\"Secret\":\"" + CANARY + "\"}'");
        file("{\"credsStore\":\"x\"}");
        assertThat(find("host", "app")).isEqualTo(new Credentials.IdentityToken(new Secret(CANARY)));
    }

    @Test
    void helperThatKnowsNothingLeavesOneAnonymous() throws Exception {
        helper("x", "cat >/dev/null; echo 'credentials not found in native keychain'; exit 1");
        file("{\"credsStore\":\"x\"}");
        assertThat(find("host", "app")).isInstanceOf(Credentials.Anonymous.class);
    }

    @Test
    void helperThatFailsShowsNoSecret() throws Exception {
        for (String script : List.of(
                "echo " + CANARY + "; exit 1",
                "echo " + CANARY + " >&2; exit 1",
                "echo " + CANARY,
                "echo '{\"Secret\":\"" + CANARY + "\"}'",
                "echo '{\"Username\":" + CANARY + "}'",
                "echo '{\"Username\":\"a\",\"Secret\":[\"" + CANARY + "\"]}'")) {
            helper("x", script);
            file("{\"credsStore\":\"x\"}");
            assertThat(problem()).as(script).contains("docker-credential-x").doesNotContain(CANARY);
        }
    }

    @Test
    void helperThatHangsIsEndedWithWhatItStarted() throws Exception {
        helper("x", "sleep 600 & sleep 600");
        CredentialHelper hanging =
                new CredentialHelper("x", Map.of("PATH", bin() + ":/usr/bin:/bin"), Duration.ofMillis(300));
        long began = System.nanoTime();
        assertThatThrownBy(() -> hanging.get("host")).hasMessageContaining("docker-credential-x");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void textThatIsNoJsonIsNotQuoted() throws Exception {
        file("{\"auths\":{\"host\":{\"auth\":" + CANARY + "}}}");
        StringWriter trace = new StringWriter();
        Throwable failure = catchThrowable(() -> find("host", "app"));
        failure.printStackTrace(new PrintWriter(trace, true));
        assertThat(trace.toString()).contains("line 1").doesNotContain(CANARY);
    }

    private Path bin() throws Exception {
        return Files.createDirectories(home.resolve("bin"));
    }

    private void helper(String name, String script) throws Exception {
        Path file = bin().resolve("docker-credential-" + name);
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private String user(String registry, String repository) throws PluralityException {
        return ((Credentials.Password) find(registry, repository)).user();
    }

    private Credentials find(String registry, String repository) throws PluralityException {
        return store().find(registry, repository);
    }

    private CredentialStore store() {
        return CredentialStore.of(
                Optional.empty(), Map.of("HOME", home.toString(), "PATH", home + "/bin:/usr/bin:/bin"));
    }

    private void file(String content) throws Exception {
        Files.createDirectories(home.resolve(".docker"));
        Files.writeString(home.resolve(".docker/config.json"), content);
    }

    private static String auth(String user) {
        byte[] pair = (user + ":" + CANARY).getBytes(StandardCharsets.UTF_8);
        return "{\"auth\":\"" + Base64.getEncoder().encodeToString(pair) + "\"}";
    }
}
