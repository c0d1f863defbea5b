// SPDX-License-Identifier: Apache-2.0
package org.plurality.manual;

import java.util.List;
import org.plurality.config.Key;
import org.plurality.failure.FailureKind;

/** {@code docs/reference.md}. */
final class ReferencePage {
    private final StringBuilder text = new StringBuilder();

    private ReferencePage() {}

    static String of(List<ManualPage> tools) {
        ReferencePage page = new ReferencePage();
        page.line("# Reference");
        page.line("");
        page.line(
                "Commands, settings and exit codes, as the code has them: `dev/reference` writes this page, and a test holds it to the code. What they are for is in");
        page.line(
                "the [user's guide](user.md), the [administrator's guide](admin.md) and [Configuration](configuration.md).");
        for (ManualPage tool : tools) {
            page.command(tool, "##");
        }
        page.settings();
        page.exitCodes();
        return page.text.toString();
    }

    private void command(ManualPage command, String level) {
        line("");
        line(level + " " + command.name());
        line("");
        line(command.purpose());
        line("");
        line("```text");
        command.synopsis().forEach(this::line);
        line("```");
        table("argument", command.arguments());
        table("option", command.options());
        for (ManualPage subcommand : command.subcommands()) {
            command(subcommand, "###");
        }
    }

    private void table(String title, List<ManualPage.Row> rows) {
        if (rows.isEmpty()) {
            return;
        }
        line("");
        line("| " + title + " | |");
        line("| --- | --- |");
        for (ManualPage.Row row : rows) {
            line("| `" + cell(row.term()) + "` | " + cell(row.meaning()) + " |");
        }
    }

    private void settings() {
        line("");
        line("## Settings");
        line("");
        line("| key | environment | list | meaning |");
        line("| --- | --- | --- | --- |");
        for (Key key : Key.values()) {
            line("| `" + key.key() + "` | `" + key.environmentName() + "` | " + (key.isList() ? "yes" : "") + " | "
                    + cell(key.meaning()) + (key.isSites() ? "; the site's file only" : "") + " |");
        }
    }

    private void exitCodes() {
        line("");
        line("## Exit codes");
        line("");
        line(
                "Of `plurality-stagein` and of `plurality`, but for `plurality run` and `plurality exec`, which end as `plurality-exec` does: with the program's own status,");
        line("128+N when it died of signal N, " + FailureKind.EXEC_FAILED
                + " when Plurality or the runtime failed, 126 and 127 as here.");
        line("");
        line("| code | meaning |");
        line("| --- | --- |");
        line("| 0 | done |");
        for (FailureKind kind : FailureKind.values()) {
            line("| " + kind.exitCode() + " | " + cell(kind.meaning()) + " |");
        }
    }

    private static String cell(String text) {
        return text.replace("|", "\\|");
    }

    private void line(String line) {
        text.append(line).append('\n');
    }
}
