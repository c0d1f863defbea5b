// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.app.Session;
import org.plurality.fake.FakeFaults;
import org.plurality.fake.FakeImage;
import org.plurality.fake.FakeRegistry;
import org.plurality.json.JsonObject;
import org.plurality.pull.ShutdownHandler;

class LoginCommandTest {
    private static final String PASSWORD = "cAnArY:with:colons";
    private static final String AUTH =
            Base64.getEncoder().encodeToString(("ada:" + PASSWORD).getBytes(StandardCharsets.UTF_8));

    @TempDir
    private Path home;

    private final FakeRegistry registry;
    private final Map<String, String> environment = new HashMap<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    LoginCommandTest() throws IOException {
        registry = new FakeRegistry();
        registry.misbehave(FakeFaults.times("/v2/", Integer.MAX_VALUE, (exchange, path) -> {
            boolean known =
                    ("Basic " + AUTH).equals(exchange.getRequestHeaders().getFirst("Authorization"));
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"r\"");
            FakeRegistry.answer(exchange, known ? 200 : 401, new byte[0]);
            return true;
        }));
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void takenCredentialsAreKeptForTheUserAlone() throws Exception {
        assertThat(login(PASSWORD + "\n")).isZero();
        assertThat(auths(file()).object(registry.host()).string("auth")).isEqualTo(AUTH);
        assertThat(mode(file())).isEqualTo("rw-------");
        assertThat(mode(directory())).isEqualTo("rwx------");
        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo("logged in to " + registry.host() + " as ada, kept in " + file() + "\n");
    }

    @Test
    void refusedCredentialsAreNotKept() {
        assertThat(login("wrong\n")).isEqualTo(4);
        assertThat(file()).doesNotExist();
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("does not take these credentials");
    }

    @Test
    void tokenServerIsAskedForAuthorityOnly() throws Exception {
        try (FakeRegistry bearer = new FakeRegistry()) {
            bearer.misbehave(FakeFaults.times("/token", 9, (exchange, _) -> {
                        boolean known = ("Basic " + AUTH)
                                .equals(exchange.getRequestHeaders().getFirst("Authorization"));
                        FakeRegistry.answer(
                                exchange, known ? 200 : 401, FakeImage.utf8(known ? "{\"token\":\"t\"}" : "{}"));
                        return true;
                    }))
                    .misbehave(FakeFaults.wants(
                            "/v2/", "Bearer t", "Bearer realm=\"" + bearer.url("/token") + "\",service=\"s\""))
                    .misbehave(FakeFaults.content("/v2/", FakeImage.utf8("{}")));
            assertThat(runWith(bearer.host(), PASSWORD, "login", "-u", "ada", "--password-stdin", bearer.host()))
                    .isZero();
            assertThat(bearer.received())
                    .filteredOn(request -> request.path().contains("/token"))
                    .allMatch(request -> !request.path().contains("scope"));
            assertThat(runWith(bearer.host(), "wrong", "login", "-u", "ada", "--password-stdin", bearer.host()))
                    .isEqualTo(4);
        }
    }

    @Test
    void whatElseStandsInTheFileIsKept() throws Exception {
        Files.createDirectories(directory());
        Files.writeString(
                file(),
                "{\"auths\":{\"other\":{\"auth\":\"eA==\",\"odd\":[1,2.5,true]}},\"HttpHeaders\":{\"X\":\"y\"},"
                        + "\"credHelpers\":{\"third\":\"x\"}}");
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r--r--"));
        login(PASSWORD);
        JsonObject document = JsonObject.parse(Files.readAllBytes(file()));
        assertThat(document.object("HttpHeaders").string("X")).isEqualTo("y");
        assertThat(document.object("credHelpers").string("third")).isEqualTo("x");
        assertThat(Files.readString(file())).containsPattern("1,\\s+2.5,\\s+true");
        assertThat(mode(file())).isEqualTo("rw-------");
        assertThat(run("logout", registry.host())).isZero();
        assertThat(auths(file()).names()).containsExactly("other");
        assertThat(run("logout", registry.host())).isEqualTo(3);
    }

    @Test
    void linkStaysALinkAndAFileWithAnOlderEntryIsTheOneThatChanges() throws Exception {
        Path real = Files.writeString(
                home.resolve("real.json"), "{\"auths\":{\"https://" + registry.host() + "/v2/\":{\"auth\":\"eDp5\"}}}");
        Path docker = Files.createDirectories(home.resolve(".docker")).resolve("config.json");
        Files.createSymbolicLink(docker, real);
        assertThat(login(PASSWORD)).isZero();
        assertThat(docker).isSymbolicLink();
        assertThat(auths(real).names()).containsExactly(registry.host());
        assertThat(file()).doesNotExist();
    }

    @Test
    void helperIsToldOnItsInputAndTheFileStaysWithoutSecrets() throws Exception {
        Path bin = Files.createDirectories(home.resolve("bin"));
        Path helper = Files.writeString(
                bin.resolve("docker-credential-x"),
                "#!/bin/sh\necho \"$@\" >>" + home + "/args; cat >" + home + "/input.$1\n"
                        + "[ \"$1\" != get ] || printf '{\"Username\":\"u\",\"Secret\":\"s\"}'\n");
        Files.setPosixFilePermissions(helper, PosixFilePermissions.fromString("rwxr-xr-x"));
        environment.put("PATH", bin + ":/usr/bin:/bin");
        Files.createDirectories(directory());
        Files.writeString(file(), "{\"credHelpers\":{\"" + registry.host() + "\":\"x\"}}");
        assertThat(login(PASSWORD)).isZero();
        JsonObject told = JsonObject.parse(Files.readAllBytes(home.resolve("input.store")));
        assertThat(told.string("ServerURL")).isEqualTo(registry.host());
        assertThat(told.string("Secret")).isEqualTo(PASSWORD);
        assertThat(run("logout", registry.host())).isZero();
        assertThat(Files.readString(home.resolve("args"))).isEqualTo("store\nget\nerase\n");
        assertThat(Files.readString(file())).doesNotContain("auth\"", PASSWORD);
    }

    @Test
    void namespacesHaveCredentialsOfTheirOwn() throws Exception {
        assertThat(runWith(
                        registry.host(),
                        PASSWORD,
                        "login",
                        "-u",
                        "ada",
                        "--password-stdin",
                        registry.host() + "/group"))
                .isZero();
        assertThat(auths(file()).names()).containsExactly(registry.host() + "/group");
    }

    @Test
    void passwordIsNoOption() {
        for (List<String> wrong : List.of(
                List.of("login", "-u", "ada", "-p", PASSWORD, registry.host()),
                List.of("login", "-u", "ada", "--password=" + PASSWORD, registry.host()))) {
            assertThat(runWith(registry.host(), "", wrong.toArray(String[]::new)))
                    .isEqualTo(2);
        }
        assertThat(runWith(registry.host(), "", "login", "-u", "ada", "--password-stdin", registry.host()))
                .isEqualTo(2);
        assertThat(runWith(registry.host(), PASSWORD, "login", "--password-stdin", registry.host()))
                .isEqualTo(2);
    }

    private Path directory() {
        return home.resolve(".config/containers");
    }

    private Path file() {
        return directory().resolve("auth.json");
    }

    private static JsonObject auths(Path file) throws IOException {
        return JsonObject.parse(Files.readAllBytes(file)).object("auths");
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private int login(String password) {
        return runWith(registry.host(), password, "login", "-u", "ada", "--password-stdin", registry.host());
    }

    private int run(String... arguments) {
        return runWith(registry.host(), "", arguments);
    }

    private int runWith(String insecure, String input, String... arguments) {
        out.reset();
        err.reset();
        environment.put("HOME", home.toString());
        environment.put("PLURALITY_INSECURE_REGISTRIES", insecure);
        Session session = new Session(
                environment,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false,
                new ShutdownHandler());
        InputStream stdin = new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8));
        List<String> all = new ArrayList<>(List.of(arguments));
        return new StageInCli(session, stdin).run(all.toArray(String[]::new));
    }
}
