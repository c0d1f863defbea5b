// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.plurality.failure.PluralityException;

class LaunchOptionsTest {
    @Test
    void optionsEndAtTheImageAndTheRestIsTheCommands() throws PluralityException {
        LaunchOptions options = parse("--cache", "/c", "-B", "/a", "--bind=/b", "alpine", "--", "ls", "--share", "-l");
        assertThat(options.image()).isEqualTo("alpine");
        assertThat(options.command()).containsExactly("ls", "--share", "-l");
        assertThat(options.all(Option.BIND)).containsExactly("/a", "/b");
        assertThat(options.last(Option.CACHE)).hasValue("/c");
    }

    @Test
    void doubleDashMayStandBeforeTheImageToo() throws PluralityException {
        assertThat(parse("--", "alpine").image()).isEqualTo("alpine");
        assertThat(parse("alpine").command()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--nonsense alpine",
                "--cache",
                "--debug=1 alpine",
                "",
                "--",
                "-x alpine",
                "-cx alpine",
                "--no-home=1 alpine"
            })
    void whatIsNotUnderstoodIsAUsageError(String line) {
        assertThatThrownBy(() -> parse(line.isEmpty() ? new String[0] : line.split(" ", -1)))
                .isInstanceOf(PluralityException.class)
                .hasMessageStartingWith("cannot ");
    }

    @Test
    void valuesMayBeAttachedAndOneOptionMayGoWithout() throws PluralityException {
        LaunchOptions options = parse("-B/a:/b", "--entrypoint", "--entrypoint=/bin/x", "-e", "--no-home", "alpine");
        assertThat(options.all(Option.BIND)).containsExactly("/a:/b");
        assertThat(options.all(Option.ENTRYPOINT)).containsExactly("", "/bin/x");
        assertThat(options.has(Option.CLEANENV)).isTrue();
        assertThat(options.image()).isEqualTo("alpine");
    }

    @Test
    void launcherKnowsWhichOptionsTakeAValue() throws IOException {
        String source = Files.readString(Path.of("src/main/c/request.c"));
        Set<String> withValue = new TreeSet<>();
        Set<String> without = new TreeSet<>();
        for (Option option : Option.values()) {
            (option.takesValue() ? withValue : without).addAll(option.names());
        }
        assertThat(options(source, "VALUE|PLACE|SHARE|PULL|SHELL|FROM|BUNDLE|EDF"))
                .isEqualTo(withValue);
        assertThat(options(source, "PLAIN|QUIET|DEBUG|DRY|TERMINAL|ACCEPTED|INFORMATION"))
                .isEqualTo(without);
    }

    @Test
    void spellingsOfOtherToolsMeanTheSame() throws PluralityException {
        LaunchOptions options =
                parse("-it", "--rm", "-v", "/a:/b", "-v/c", "--volume=/d", "--pwd", "/w", "-i", "alpine");
        assertThat(options.all(Option.BIND)).containsExactly("/a:/b", "/c", "/d");
        assertThat(options.last(Option.WORKDIR)).hasValue("/w");
        assertThat(options.has(Option.TTY)).isTrue();
        assertThat(options.image()).isEqualTo("alpine");
    }

    @Test
    void helpIsAlignedAndHasEveryOption() {
        String help = Option.help();
        for (Option option : Option.values()) {
            assertThat(help).contains(option.names());
        }
        assertThat(help.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(120));
    }

    /** Returns the options of these kinds in the launcher's table. */
    private static Set<String> options(String source, String kinds) {
        Set<String> names = new TreeSet<>();
        Matcher row =
                Pattern.compile("\\{\"(-[-A-Za-z]+)\", (?:" + kinds + ")\\}").matcher(source);
        while (row.find()) {
            names.add(row.group(1));
        }
        return names;
    }

    private static LaunchOptions parse(String... arguments) throws PluralityException {
        return LaunchOptions.parse(List.of(arguments));
    }
}
