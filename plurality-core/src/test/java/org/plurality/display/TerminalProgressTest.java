// SPDX-License-Identifier: Apache-2.0
package org.plurality.display;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TerminalProgressTest {
    private final AtomicLong nanos = new AtomicLong();
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);

    @Test
    void lineShowsBytesRateLayersAndTimeLeft() {
        try (TerminalProgress progress = new TerminalProgress(out, 80, nanos::get)) {
            progress.begin(List.of(1_000_000L, 2_000_000L, 3_000_000L));
            assertThat(printed.toString(StandardCharsets.UTF_8)).contains("layers: . waiting  : being fetched");
            progress.fetched(0, 1_000_000);
            progress.fetched(1, 500_000);
            nanos.set(1_000_000_000);
            assertThat(progress.line()).isEqualTo("1.5 MB / 6.0 MB  1.5 MB/s  [+:.]  3 s left  2: 25 % 3 s");
            progress.applied(0);
            progress.fetched(1, 1_500_000);
            progress.fetched(2, 3_000_000);
            assertThat(progress.line()).isEqualTo("6.0 MB / 6.0 MB  [#++]  unpacking");
        }
    }

    @Test
    void eachLayerThatIsBeingFetchedHasItsOwnTimeLeftWhereThereIsRoom() {
        try (TerminalProgress wide = new TerminalProgress(out, 80, nanos::get);
                TerminalProgress narrow = new TerminalProgress(out, 60, nanos::get)) {
            for (TerminalProgress progress : List.of(wide, narrow)) {
                nanos.set(0);
                progress.begin(List.of(10_000_000L, 10_000_000L, 200_000_000L, 10_000_000L));
                progress.fetched(0, 1_000_000);
                // Not of what was here.
                progress.held(1, 8_000_000);
                nanos.set(2_000_000_000L);
                progress.fetched(1, 500_000);
                progress.fetched(2, 500_000);
                nanos.set(3_000_000_000L);
                progress.fetched(2, 500_000);
            }
            String all = "10.5 MB / 230 MB  833 kB/s  [:::.]  4 min 23 s left";
            assertThat(wide.line()).isEqualTo(all + "  1: 10 % 27 s  2: 85 % 3 s");
            assertThat(narrow.line()).isEqualTo(all);
        }
    }

    @Test
    void sizesHaveThreeDigits() {
        assertThat(List.of(ByteCount.of(0), ByteCount.of(999), ByteCount.of(51_234_567), ByteCount.of(999_999_999L)))
                .containsExactly("0 B", "999 B", "51.2 MB", "1.0 GB");
    }
}
