// SPDX-License-Identifier: Apache-2.0
package org.plurality.manual;

import java.util.List;
import java.util.Locale;
import org.plurality.config.Key;
import org.plurality.failure.FailureKind;

/** Manual pages in roff, of the man macros. */
final class ManPage {
    private final StringBuilder roff = new StringBuilder();

    private ManPage(String name, int section, String version, String purpose) {
        line(".TH " + quoted(name.toUpperCase(Locale.ROOT)) + " " + section + " \"\" "
                + quoted("Plurality " + version));
        line(".nh");
        heading("NAME");
        line(escaped(name) + " \\- " + escaped(purpose));
    }

    /** Section 1: a tool with all of its commands. */
    static String of(ManualPage tool, String version) {
        ManPage page = new ManPage(tool.name(), 1, version, withoutEnd(tool.purpose()));
        page.heading("SYNOPSIS");
        page.synopsis(tool);
        page.rows("ARGUMENTS", tool.arguments());
        page.rows("OPTIONS", tool.options());
        if (!tool.subcommands().isEmpty()) {
            page.heading("COMMANDS");
            tool.subcommands().forEach(page::subcommand);
        }
        page.exitStatus(tool.name().equals("plurality-exec"));
        page.heading("FILES");
        page.row(new ManualPage.Row("/etc/plurality/plurality.toml", "The site's settings; see plurality.toml(5)."));
        page.row(new ManualPage.Row("~/.config/plurality/plurality.toml", "Your own."));
        page.heading("SEE ALSO");
        page.line("plurality\\-stagein(1), plurality\\-exec(1), plurality(1), plurality.toml(5)");
        return page.roff.toString();
    }

    /** Section 5: the settings. */
    static String ofSettings(String version) {
        ManPage page = new ManPage(
                "plurality.toml", 5, version, "settings of plurality\\-stagein, plurality\\-exec and plurality");
        page.heading("DESCRIPTION");
        page.line(escaped(
                "Lines of key = value, as in TOML. An option of the command line counts before the environment's variable, PLURALITY_ and"
                        + " the key in capitals, that before your own file, and that before the site's."));
        page.heading("KEYS");
        for (Key key : Key.values()) {
            page.row(new ManualPage.Row(
                    key.key() + (key.isList() ? " = [..]" : ""), key.meaning() + " (" + key.environmentName() + ")"));
        }
        page.heading("SEE ALSO");
        page.line("plurality\\-stagein(1), plurality\\-exec(1), plurality(1)");
        return page.roff.toString();
    }

    private void subcommand(ManualPage command) {
        line(".SS " + quoted(command.name()));
        line(escaped(command.purpose()));
        line(".PP");
        synopsis(command);
        command.arguments().forEach(this::row);
        command.options().forEach(this::row);
        command.subcommands().forEach(this::subcommand);
    }

    private void exitStatus(boolean ofProgram) {
        heading("EXIT STATUS");
        if (ofProgram) {
            row(new ManualPage.Row("0-255", "The program's own; 128+N when it died of signal N."));
            row(new ManualPage.Row(
                    String.valueOf(FailureKind.EXEC_FAILED), "Plurality or the runtime failed, not the program."));
            return;
        }
        row(new ManualPage.Row("0", "Done."));
        for (FailureKind kind : FailureKind.values()) {
            row(new ManualPage.Row(String.valueOf(kind.exitCode()), kind.meaning()));
        }
    }

    private void synopsis(ManualPage page) {
        for (String call : page.synopsis()) {
            line(".nf");
            line(escaped(call));
            line(".fi");
        }
    }

    private void rows(String title, List<ManualPage.Row> rows) {
        if (!rows.isEmpty()) {
            heading(title);
            rows.forEach(this::row);
        }
    }

    private void row(ManualPage.Row row) {
        line(".TP");
        line("\\fB" + escaped(row.term()) + "\\fR");
        line(escaped(row.meaning()));
    }

    private void heading(String title) {
        line(".SH " + quoted(title));
    }

    private void line(String text) {
        roff.append(text).append('\n');
    }

    private static String withoutEnd(String sentence) {
        return sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
    }

    private static String quoted(String text) {
        return '"' + escaped(text).replace("\"", "\\(dq") + '"';
    }

    /** What roff would take for a command of its own. */
    private static String escaped(String text) {
        String plain = text.replace("\\", "\\e").replace("-", "\\-");
        return plain.startsWith(".") || plain.startsWith("'") ? "\\&" + plain : plain;
    }
}
