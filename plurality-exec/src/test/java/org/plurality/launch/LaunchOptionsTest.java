package org.plurality.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
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
    @ValueSource(strings = {"--nonsense alpine", "--cache", "--debug=1 alpine", "", "--", "-x alpine"})
    void whatIsNotUnderstoodIsAUsageError(String line) {
        assertThatThrownBy(() -> parse(line.isEmpty() ? new String[0] : line.split(" ", -1)))
                .isInstanceOf(PluralityException.class)
                .hasMessageStartingWith("cannot ");
    }

    @Test
    void launcherScriptKnowsWhichOptionsTakeAValue() throws IOException {
        String script = Files.readString(Path.of("../plurality-dist/src/main/tree/bin/plurality-exec"));
        String line = script.lines()
                .filter(text -> text.strip().startsWith("--share | --pull |"))
                .findFirst()
                .orElseThrow();
        List<String> inScript = Arrays.stream(line.replace(")", "").split("\\|", -1))
                .map(String::strip)
                .sorted()
                .toList();
        List<String> inPlanner = Arrays.stream(Option.values())
                .filter(Option::takesValue)
                .flatMap(option -> option.names().stream())
                .sorted()
                .toList();
        assertThat(inScript).isEqualTo(inPlanner);
    }

    private static LaunchOptions parse(String... arguments) throws PluralityException {
        return LaunchOptions.parse(List.of(arguments));
    }
}
