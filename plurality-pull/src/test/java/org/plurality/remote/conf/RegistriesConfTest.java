// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.conf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.reference.ImageReference;

class RegistriesConfTest {
    private static final String DIGEST = "@sha256:" + "a".repeat(64);

    @TempDir
    private Path home;

    @Test
    void mirrorsComeBeforeTheRegistryInOrder() throws Exception {
        file("""
                [[registry]]
                prefix = "example.com/foo"
                location = "internal.example.org:5000/bar"

                [[registry.mirror]]
                location = "mirror-1.example.org"
                insecure = true
                [[registry.mirror]]
                location = "mirror-2.example.org/deep/er" # a comment
                """);
        assertThat(places("example.com/foo/app:1"))
                .containsExactly(
                        "mirror-1.example.org/app:1 insecure mirror",
                        "mirror-2.example.org/deep/er/app:1 mirror",
                        "internal.example.org:5000/bar/app:1");
        assertThat(places("example.com/foobar:1")).containsExactly("example.com/foobar:1");
        assertThat(places("other.com/foo:1")).containsExactly("other.com/foo:1");
    }

    @Test
    void mirrorsServeTagsOrDigestsAsTheyAreTold() throws Exception {
        file("""
                [[registry]]
                location = "example.com"
                mirror = [
                  { location = "digests.org", pull-from-mirror = "digest-only" },
                  { location = "tags.org", pull-from-mirror = "tag-only" },
                  { location = "all.org", "pull-from-mirror" = 'all' },
                ]
                """);
        assertThat(places("example.com/a:1"))
                .containsExactly("tags.org/a:1 mirror", "all.org/a:1 mirror", "example.com/a:1");
        assertThat(places("example.com/a" + DIGEST))
                .containsExactly(
                        "digests.org/a" + DIGEST + " mirror",
                        "all.org/a" + DIGEST + " mirror",
                        "example.com/a" + DIGEST);
        file("""
                [[registry]]
                location = "example.com"
                mirror-by-digest-only = true
                [[registry.mirror]]
                location = "m.org"
                """);
        assertThat(places("example.com/a:1")).containsExactly("example.com/a:1");
        assertThat(places("example.com/a" + DIGEST)).hasSize(2);
    }

    @Test
    void longestPrefixDecides() throws Exception {
        file("""
                [[registry]]
                prefix = "*.example.com"
                location = "proxy.org/all"
                [[registry]]
                prefix = "a.example.com/secret"
                location = "a.example.com/secret"
                blocked = true
                [[registry]]
                prefix = "docker.io"
                location = "hub.org/cache"
                """);
        assertThat(places("a.example.com/x:1")).containsExactly("proxy.org/all/x:1");
        assertThat(places("a.b.example.com:5000/x:1")).containsExactly("proxy.org/all/x:1");
        assertThat(places("example.com/x:1")).containsExactly("example.com/x:1");
        assertThat(places("alpine:3")).containsExactly("hub.org/cache/library/alpine:3");
        assertThatThrownBy(() -> places("a.example.com/secret/x:1"))
                .isInstanceOfSatisfying(
                        PluralityException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.NOT_AUTHORISED))
                .hasMessageContaining("blocks a.example.com/secret");
    }

    @Test
    void usersFileReplacesTheSitesAndDropInsFollowInOrder() throws Exception {
        file("[[registry]]\nlocation = \"example.com\"\nblocked = true\n");
        Path directory = Files.createDirectories(home.resolve(".config/containers/registries.conf.d"));
        Files.writeString(directory.resolve("20.conf"), "[[registry]]\nlocation = \"example.com\"\ninsecure = true\n");
        Files.writeString(directory.resolve("10.conf"), """
                [[registry]]
                location = "example.com"
                blocked = true
                [aliases]
                "app" = "example.com/team/app"
                """);
        Files.writeString(directory.resolve("99.conf.off"), "not read");
        assertThat(places("example.com/a:1")).containsExactly("example.com/a:1 insecure");
        assertThat(conf().isInsecure("example.com")).isTrue();
        assertThat(candidates("app:7")).containsExactly("example.com/team/app:7");
    }

    @Test
    void blockedRegistryIsNotOpenedByAnotherTableOfTheSameFile() throws Exception {
        file("[[registry]]\nlocation = \"example.com\"\nblocked = true\n[[registry]]\nlocation = \"example.com\"\n");
        assertThatThrownBy(this::conf).hasMessageContaining("not always as blocked");
        // Of tables with the same prefix, the first counts, as for the tools that share the file.
        file("""
                [[registry]]
                prefix = "a.org"
                location = "one.org"
                [[registry]]
                prefix = "a.org"
                location = "two.org"
                """);
        assertThat(places("a.org/x:1")).containsExactly("one.org/x:1");
    }

    @Test
    void credentialHelpersAreNamedInOrder() throws Exception {
        file("");
        assertThat(conf().credentialHelpers()).containsExactly("containers-auth.json");
        file("credential-helpers = [\"secretservice\", \"containers-auth.json\"]\n");
        assertThat(conf().credentialHelpers()).containsExactly("secretservice", "containers-auth.json");
    }

    @Test
    void shortNamesAreSearchedAsTheModeAllows() throws Exception {
        file("unqualified-search-registries = [\"one.org\"]\n");
        assertThat(candidates("app")).containsExactly("one.org/app:latest");
        assertThat(candidates("group/app:1")).containsExactly("one.org/group/app:1");
        assertThat(candidates("localhost/app")).containsExactly("localhost/app:latest");
        file("unqualified-search-registries = [\"one.org\", \"docker.io\"]\nshort-name-mode = \"permissive\"\n");
        assertThat(candidates("app")).containsExactly("one.org/app:latest", "docker.io/library/app:latest");
        file("unqualified-search-registries = [\"one.org\", \"docker.io\"]\n[aliases]\napp = \"quay.io/x/app\"\n");
        assertThat(candidates("app" + DIGEST)).containsExactly("quay.io/x/app" + DIGEST);
        assertThatThrownBy(() -> candidates("other"))
                .hasMessageContaining("searches one.org, docker.io")
                .isInstanceOfSatisfying(
                        PluralityException.class, e -> assertThat(e.hint()).contains("one.org/other:latest"));
        file("short-name-mode = \"enforcing\"\n");
        assertThat(candidates("app")).containsExactly("docker.io/library/app:latest");
    }

    @Test
    void whatIsNotUnderstoodIsNamedWithItsFile() throws Exception {
        for (String text : List.of(
                "[registries.search]\nregistries = [\"docker.io\"]\n",
                "[[registry]]\ninsecure = true\n",
                "[[registry]]\nlocation = \"https://example.com\"\n",
                "[[registry]]\nlocation = \"example.com\"\ninsecure = \"yes\"\n",
                "[[registry]]\nprefix = \"*example.com\"\n",
                "[[registry]]\nlocation = \"a\"\n[[registry.mirror]]\nlocation = \"b\"\npull-from-mirror = \"x\"\n",
                "[[registry]]\nprefix = \"a.example\"\n",
                "[[registry]]\nlocation = \"a\"\npull-from-mirror = \"all\"\n",
                """
                [[registry]]
                location = "a"
                mirror-by-digest-only = true
                [[registry.mirror]]
                location = "b"
                pull-from-mirror = "all"
                """,
                "[[registry]]\nlocation = \"a\"\nblocked = true\n[[registry]]\nlocation = \"a\"\n",
                "[[registry]]\nlocation = \"a/\"\nblocked = true\n[[registry]]\nlocation = \"a\"\nprefix = \"b\"\n",
                "[[registry]]\nlocation = \"a\"\ninsecure = true\n[[registry]]\nlocation = \"a\"\n",
                "unqualified-search-registries = [\"quay.io/group\"]\n",
                "unqualified-search-registries = [\"https://quay.io\"]\n",
                "unqualified-search-registries = [\"a b\"]\n",
                "[aliases]\nx = \"quay.io/x:1\"\n",
                "[aliases]\nx = \"x\"\n",
                "[aliases]\n\"quay.io/x\" = \"quay.io/y\"\n",
                "[aliases]\n\"x:1\" = \"quay.io/y\"\n",
                "credential-helpers = \"x\"\n",
                "short-name-mode = \"guess\"\n",
                "unqualified-search-registries = \"docker.io\"\n",
                "a = 1\na = 2\n",
                "a = [1, 2\n",
                "a = \"x\n",
                "a = b\n",
                "a = 1 b = 2\n",
                "= 1\n",
                "[a\n",
                "[[a]]\n[a.b\n",
                "a = " + "[".repeat(100_000) + "\n")) {
            file(text);
            assertThatThrownBy(this::conf)
                    .as(text)
                    .isInstanceOfSatisfying(
                            PluralityException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.USAGE))
                    .hasMessageContaining(
                            home.resolve(".config/containers/registries.conf").toString());
        }
        file("[registries.search]\nregistries = [\"docker.io\"]\n");
        assertThatThrownBy(this::conf).hasMessageContaining("version 1");
    }

    /**
     * Lines as files have them, put together in any order: what is read without the library is what that reads, and
     * what it refuses is left to it.
     */
    @Test
    void whatDistributionsShipIsReadAsTheLibraryReadsIt() throws IOException {
        List<String> lines = List.of(
                "",
                "  ",
                "\t# comment \"x\" = [y]",
                "# é",
                "[aliases]",
                " [aliases] ",
                "[other]",
                "[]",
                "[a.b]",
                "[[list]]",
                "[a] # x",
                "[ a ]",
                "\"alpine\" = \"docker.io/library/alpine\"",
                "  \"a b\"=\"it's #1\"",
                "\"\" = \"\"",
                "\"é\" = \"x\"",
                "\"a\\tb\" = \"x\"",
                "\"x\" = \"y\" # z",
                "\"x\" \"y\"",
                "\"x\" = \"y\" \"z\"",
                "bare = \"x\"",
                "\"n\" = 1",
                "\"m\" = \"\"\"",
                "'q' = 'r'",
                "\"x\" = \"a\u0001\"",
                "\"\"\"",
                "\"x\" = [\"y\"]",
                "[",
                "]",
                "=",
                "\"c\" = \"d\"\r",
                "\u000b",
                "\"t\" = \"a\tb\"");
        Random random = new Random(7);
        int plain = 0;
        for (int n = 0; n < 20_000; n++) {
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(5);
            for (int i = 0; i < length; i++) {
                text.append(lines.get(random.nextInt(lines.size()))).append(random.nextInt(9) == 0 ? "" : "\n");
            }
            Map<String, Object> read = PlainToml.parse(text.toString());
            if (read != null) {
                plain++;
                assertThat(Toml.parseAll(text.toString())).as(text.toString()).isEqualTo(read);
            }
        }
        assertThat(plain).isGreaterThan(2_000);
        assertThat(PlainToml.parse("# all\n\n[aliases]\n  # A\n  \"almalinux\" = \"docker.io/library/almalinux\"\n"))
                .isEqualTo(Map.of("aliases", Map.of("almalinux", "docker.io/library/almalinux")));
    }

    @Test
    void tomlIsReadAsItsSpecificationSays() throws IOException {
        Map<String, Object> read = Toml.parse("""
                # comment
                title = "a\\tb\\u00e9" # after
                raw = 'C:\\x'
                long = ""\"
                two
                lines""\"
                folded = ""\"a \\
                    b""\"
                a.b.c = true
                "quoted key" = 1_000
                when = 1979-05-27T07:32:00Z
                empty = []
                nested = [[1, 2], ["x"], ]
                [table.sub]
                x = { y = 1, z = { w = "v" } }
                [[list]]
                n = 1
                [list.deep]
                m = 2
                [[list]]
                n = 3
                """);
        assertThat(read)
                .containsEntry("title", "a\tbé")
                .containsEntry("raw", "C:\\x")
                .containsEntry("folded", "a b")
                .containsEntry("a", Map.of("b", Map.of("c", true)))
                .containsEntry("quoted key", 1000)
                .containsEntry("when", "1979-05-27T07:32:00Z")
                .containsEntry("nested", List.of(List.of(1, 2), List.of("x")))
                .containsEntry("table", Map.of("sub", Map.of("x", Map.of("y", 1, "z", Map.of("w", "v")))))
                .containsEntry("list", List.of(Map.of("n", 1, "deep", Map.of("m", 2)), Map.of("n", 3)));
    }

    private void file(String text) throws IOException {
        Path directory = Files.createDirectories(home.resolve(".config/containers"));
        Files.writeString(directory.resolve("registries.conf"), text);
    }

    private List<String> places(String reference) throws PluralityException {
        List<String> places = new ArrayList<>();
        for (Endpoint endpoint : conf().endpoints(ImageReference.parse(reference))) {
            places.add(endpoint.reference()
                    + (endpoint.insecure() ? " insecure" : "")
                    + (endpoint.mirror() ? " mirror" : ""));
        }
        return places;
    }

    private List<String> candidates(String name) throws PluralityException {
        List<String> names = new ArrayList<>();
        conf().candidates(name).forEach(reference -> names.add(reference.toString()));
        return names;
    }

    private RegistriesConf conf() throws PluralityException {
        return RegistriesConf.load(Optional.empty(), Map.of("HOME", home.toString()));
    }
}
