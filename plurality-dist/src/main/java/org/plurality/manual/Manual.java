// SPDX-License-Identifier: Apache-2.0
package org.plurality.manual;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** {@code Manual SHARE VERSION}: writes manual pages, completions and sample settings below a tree's {@code share}. {@code Manual --reference FILE}: the reference. */
public final class Manual {
    private Manual() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments[0].equals("--reference")) {
            Files.writeString(Path.of(arguments[1]), ReferencePage.of(Pages.all()));
            return;
        }
        write(Path.of(arguments[0]), arguments[1]);
    }

    private static void write(Path share, String version) throws IOException {
        List<ManualPage> tools = Pages.all();
        Path pages = Files.createDirectories(share.resolve("man/man1"));
        for (ManualPage tool : tools) {
            Files.writeString(pages.resolve(tool.name() + ".1"), ManPage.of(tool, version));
        }
        Path formats = Files.createDirectories(share.resolve("man/man5"));
        Files.writeString(formats.resolve("plurality.toml.5"), ManPage.ofSettings(version));
        Files.writeString(
                Files.createDirectories(share.resolve("examples")).resolve("plurality.toml"), SampleSettings.text());
        Path completions = Files.createDirectories(share.resolve("bash-completion/completions"));
        Files.writeString(completions.resolve("plurality-stagein"), Completion.ofStageIn());
        Files.writeString(completions.resolve("plurality"), Completion.ofPlurality());
        Files.writeString(completions.resolve("plurality-exec"), Completion.ofExec());
    }
}
