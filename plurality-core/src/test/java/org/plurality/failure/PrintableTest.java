// SPDX-License-Identifier: Apache-2.0
package org.plurality.failure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTest {
    @Test
    void whatSteersATerminalIsTakenOutAndLettersStay() {
        assertThat(Printable.line("a\u001b[2Jb\r\nc\u0085d\u202ee\u2028f\u200bg"))
                .isEqualTo("a?[2Jb??c?d?e?f?g");
        assertThat(Printable.line("größer 画像 …")).isEqualTo("größer 画像 …");
        assertThat(Printable.line("x".repeat(5000))).hasSize(2001);
    }

    @Test
    void errorsAreOneLineWhateverTheyQuote() {
        PluralityException failure =
                new PluralityException(FailureKind.OTHER, "cannot do \u001b]0;x\u0007: why\n", "do\nthis");
        assertThat(failure).hasMessage("cannot do ?]0;x?: why?");
        assertThat(failure.hint()).isEqualTo("do?this");
    }
}
