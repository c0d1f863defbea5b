// SPDX-License-Identifier: Apache-2.0
package org.plurality.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

class SettingsTest {
    @TempDir
    private Path directory;

    @Test
    void flagBeatsEnvironmentBeatsUsersFileBeatsSites() throws Exception {
        Path user = file("user.toml", "runtime = \"user\"\nshare = 'user'\n");
        Path site = file("site.toml", "runtime = \"site\"\nshare = \"site\"\nrun_dir = \"/site\"\ncache=\"/site\"");
        Map<String, String> environment = Map.of("PLURALITY_RUNTIME", "environment", "HOME", "/home/u");
        Settings settings = Settings.load(environment, List.of(user, site));
        assertThat(settings.value(Key.RUNTIME)).hasValue("environment");
        assertThat(settings.value(Key.SHARE)).hasValue("user");
        assertThat(settings.value(Key.RUN_DIR)).hasValue("/site");
        assertThat(settings.withFlag(Key.RUNTIME, "flag").value(Key.RUNTIME)).hasValue("flag");
        assertThat(settings.cache()).isEqualTo(Path.of("/site"));
    }

    @Test
    void listsComeFromFilesAndCommas() throws Exception {
        Path user = file("user.toml", "site_caches = [ # two\n  \"/a\", '/b b',\n]\n");
        Settings settings = Settings.load(Map.of("PLURALITY_BIND", "/x,/y:/z:ro", "HOME", "/h"), List.of(user));
        assertThat(settings.values(Key.BIND)).containsExactly("/x", "/y:/z:ro");
        assertThat(settings.caches()).containsExactly(Path.of("/h/.cache/plurality"), Path.of("/a"), Path.of("/b b"));
    }

    @Test
    void unknownKeysAreAllNamedWithTheNearestKnownOne() throws IOException {
        Path user = file("user.toml", "cahce = \"/x\"\nrun_time = \"runc\"\n");
        assertThatThrownBy(() -> Settings.load(Map.of(), List.of(user)))
                .isInstanceOfSatisfying(
                        PluralityException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.USAGE))
                .hasMessageContaining("'cahce', did you mean 'cache'")
                .hasMessageContaining("'run_time', did you mean 'runtime'");
    }

    @Test
    void aKeyThatIsGoneIsNamedWithWhatTakesItsPlace() throws Exception {
        List<GoneKey> gone = List.of(
                new GoneKey("join", "0.2.0", "write 'share' instead"),
                new GoneKey("umask", "0.3.0", "it is the program's own now: leave it away"));
        Path user = file("user.toml", "join = \"node\"\ncahce = \"/x\"\numask = 22\n");
        assertThatThrownBy(() -> Settings.load(Map.of(), List.of(user), gone))
                .isInstanceOfSatisfying(
                        PluralityException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.USAGE))
                .hasMessage("cannot use " + user + ": key 'join' is gone since version 0.2.0, write 'share' instead; "
                        + "unknown key 'cahce', did you mean 'cache'?; "
                        + "key 'umask' is gone since version 0.3.0, it is the program's own now: leave it away");
        Path site = file("site.toml", "fixed = [\"join\"]\n");
        assertThatThrownBy(() -> Settings.load(Map.of(), List.of(site), gone))
                .hasMessageContaining("in 'fixed', key 'join' is gone since version 0.2.0, write 'share' instead");
        assertThatThrownBy(() -> Settings.load(Map.of("PLURALITY_JOIN", "node"), List.of(), gone))
                .hasMessage("cannot use PLURALITY_JOIN: it is gone since version 0.2.0, write 'share' instead");
        Settings.load(Map.of("PLURALITY_JOIN", " ", "PLURALITY_SHARE", "node"), List.of(), gone);
    }

    @Test
    void aKeyThatThereIsCannotBeGone() {
        assertThat(GoneKey.ALL)
                .allSatisfy(gone -> assertThat(gone.explanation()).contains(gone.since(), gone.instead()));
        assertThatThrownBy(() -> new GoneKey("share", "0.2.0", "write 'join' instead"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'share' is not gone");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cache",
                "cache =",
                "cache = \"open",
                "cache = \"a\" \"b\"",
                "cache = [\"a\"",
                "cache = {}",
                "[table]\ncache = \"a\"",
                "cache = 1.5",
                "cache = \"a\"\ncache = \"b\"",
                "cache = \"\"\"a\"\"\"",
                "cache = \"\\u0041\""
            })
    void whatIsNotUnderstoodIsRefusedWithItsLine(String text) throws IOException {
        Path user = file("user.toml", text);
        assertThatThrownBy(() -> Settings.load(Map.of(), List.of(user)))
                .isInstanceOf(PluralityException.class)
                .hasMessageContaining("line ");
    }

    @Test
    void numbersAreCheckedAgainstTheirBounds() throws Exception {
        Settings settings = Settings.load(Map.of("PLURALITY_PARALLEL_FETCHES", "99"), List.of());
        assertThatThrownBy(() -> settings.number(Key.PARALLEL_FETCHES, 4, 1, 64))
                .isInstanceOf(PluralityException.class)
                .hasMessageContaining("from 1 to 64");
        assertThat(settings.number(Key.MAX_ENTRIES, 7, 1, 64)).isEqualTo(7);
    }

    @Test
    void whatTheSiteFixesOnlyItsFileSets() throws Exception {
        Path user = directory.resolve("none.toml");
        Path site = file("site.toml", "fixed = [\"runtime\"]\nruntime = \"/opt/runc\"\nsite_binds = [\"/sw\"]\n");
        Settings settings = Settings.load(Map.of("PLURALITY_SHARE", "none"), List.of(user, site));
        assertThat(settings.value(Key.RUNTIME)).hasValue("/opt/runc");
        assertThat(settings.values(Key.SITE_BINDS)).containsExactly("/sw");
        settings.withFlag(Key.SHARE, "node").withFlag(Key.RUNTIME, null).withFlags(Key.SITE_BINDS, List.of());
        assertThatThrownBy(() -> settings.withFlags(Key.SITE_BINDS, List.of("/x")))
                .hasMessageContaining("cannot set site_binds");
        assertThatThrownBy(() -> settings.withFlag(Key.RUNTIME, "crun"))
                .isInstanceOf(PluralityException.class)
                .hasMessageContaining("cannot set runtime: only the site does, in " + site);
        assertThatThrownBy(() -> Settings.load(Map.of("PLURALITY_RUNTIME", "crun"), List.of(user, site)))
                .hasMessageContaining("cannot set runtime");
        assertThatThrownBy(() -> Settings.load(Map.of("PLURALITY_SITE_BINDS", "/x"), List.of(user, site)))
                .hasMessageContaining("cannot set site_binds");
        Path mine = file("user.toml", "site_binds = [\"/x\"]\n");
        assertThatThrownBy(() -> Settings.load(Map.of(), List.of(mine, site)))
                .hasMessageContaining("cannot set site_binds");
        Path wrong = file("wrong.toml", "fixed = [\"run_time\"]\n");
        assertThatThrownBy(() -> Settings.load(Map.of(), List.of(user, wrong)))
                .hasMessageContaining("did you mean 'runtime'");
    }

    @Test
    void switchesAreTrueOrFalse() throws Exception {
        Settings settings = Settings.load(
                Map.of("PLURALITY_CLEANENV", "1", "PLURALITY_CONTAIN", "false", "PLURALITY_NV", "yes"), List.of());
        assertThat(settings.isOn(Key.CLEANENV)).isTrue();
        assertThat(settings.isOn(Key.CONTAIN)).isFalse();
        assertThat(settings.isOn(Key.ROCM)).isFalse();
        assertThatThrownBy(() -> settings.isOn(Key.NV)).hasMessageContaining("neither true nor false");
    }

    @Test
    void listsWhoseValuesMayHaveCommasAreLinesInTheEnvironment() throws Exception {
        Settings settings = Settings.load(
                Map.of("PLURALITY_MOUNT", "type=bind,source=/a,destination=/b\ntype=tmpfs,destination=/c"), List.of());
        assertThat(settings.values(Key.MOUNT))
                .containsExactly("type=bind,source=/a,destination=/b", "type=tmpfs,destination=/c");
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }
}
