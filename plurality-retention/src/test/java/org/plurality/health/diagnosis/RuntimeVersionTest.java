// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuntimeVersionTest {
    @ParameterizedTest
    @CsvSource({
        "1.0.0-rc6, 4",
        "1.0.0-rc7, 3",
        "1.0.0-rc95, 2",
        "1.0.0, 2",
        "1.1.11, 2",
        "1.1.12, 1",
        "1.2.7, 1",
        "1.2.8, 0",
        "1.3.0, 1",
        "1.3.3, 0",
        "1.4.0-rc.2, 1",
        "1.4.0-rc.3, 0",
        "1.4.0, 0",
        "1.5.0, 0",
        "2.0.0, 0"
    })
    void eachVersionHasTheEscapesThatItWasNotMendedFor(String version, int escapes) {
        assertThat(parse("runc version " + version + "\nspec: 1.0.2\n").escapes())
                .hasSize(escapes);
    }

    @Test
    void aDistributionsOldVersionIsANoteBecauseItMayBeMended() {
        RuntimeVersion debian = parse("runc version 1.1.5+ds1\ncommit: 1.1.5+ds1-1+deb12u1\n");
        assertThat(RuntimeDoctor.judge(debian, Path.of("/runc")).level()).isEqualTo(Finding.Level.NOTE);
        RuntimeVersion own = parse("runc version 1.1.5\ncommit: v1.1.5-0-gf19387a6\n");
        Finding finding = RuntimeDoctor.judge(own, Path.of("/runc"));
        assertThat(finding.level()).isEqualTo(Finding.Level.PROBLEM);
        assertThat(finding.hint()).contains("CVE-2024-21626", "1.2.8");
    }

    @Test
    void crunIsKnownAndOtherProgramsAreNot() {
        assertThat(parse("crun version 1.8.1\ncommit: abc").escapes()).isEmpty();
        assertThat(RuntimeVersion.parse("youki version 0.3")).isEmpty();
    }

    private static RuntimeVersion parse(String words) {
        return RuntimeVersion.parse(words).orElseThrow();
    }
}
