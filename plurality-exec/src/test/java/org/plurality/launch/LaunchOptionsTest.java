package org.plurality.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
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
    void launcherScriptKnowsWhichOptionsTakeAValue() throws IOException {
        String script = Files.readString(Path.of("../plurality-dist/src/main/tree/bin/plurality-exec"));
        Set<String> withValue = new TreeSet<>();
        Set<String> without = new TreeSet<>();
        for (Option option : Option.values()) {
            (option.takesValue() ? withValue : without).addAll(option.names());
        }
        assertThat(cases(script, "--share | --pull |")).isEqualTo(withValue);
        Set<String> handled = cases(script, "--no-home |");
        for (String start : List.of("-h |", "--debug)", "--dry-run)", "-t |", "--local |")) {
            handled.addAll(cases(script, start));
        }
        assertThat(handled).isEqualTo(without);
    }

    @Test
    void helpIsAlignedAndHasEveryOption() {
        String help = Option.help();
        for (Option option : Option.values()) {
            assertThat(help).contains(option.names());
        }
        assertThat(help.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(120));
    }

    /** The patterns of the script's case whose line begins so. */
    private static Set<String> cases(String script, String start) {
        String line = script.lines()
                .filter(text -> text.strip().startsWith(start))
                .findFirst()
                .orElseThrow();
        Set<String> cases = new TreeSet<>();
        for (String part : line.substring(0, line.indexOf(')')).split("\\|", -1)) {
            cases.add(part.strip());
        }
        return cases;
    }

    private static LaunchOptions parse(String... arguments) throws PluralityException {
        return LaunchOptions.parse(List.of(arguments));
    }
}
