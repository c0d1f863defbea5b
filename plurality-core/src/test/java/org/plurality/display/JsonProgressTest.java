// SPDX-License-Identifier: Apache-2.0
package org.plurality.display;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

class JsonProgressTest {
    @Test
    void eventsAreOneObjectALineAndNotManyASecond() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        AtomicLong now = new AtomicLong();
        try (Progress progress = new JsonProgress(new PrintStream(out, true, StandardCharsets.UTF_8), now::get)) {
            progress.phase("staging in \"x\"");
            progress.begin(List.of(100L, 50L));
            progress.fetched(0, 10);
            now.addAndGet(1_000_000_000);
            progress.fetched(0, 10);
            progress.held(1, 50);
            progress.applied(0);
            progress.fetched(0, 80);
            progress.failed(new PluralityException(FailureKind.NETWORK, "cannot fetch \"x\": it broke", "try again"));
        }
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("""
                {"event":"phase","text":"staging in \\"x\\""}
                {"event":"layers","layers":2,"bytes":150}
                {"event":"progress","bytes":20,"held":0,"total":150}
                {"event":"applied","layer":0}
                {"event":"progress","bytes":150,"held":50,"total":150}
                {"event":"error","text":"cannot fetch \\"x\\": it broke","hint":"try again","code":5}
                """);
    }
}
