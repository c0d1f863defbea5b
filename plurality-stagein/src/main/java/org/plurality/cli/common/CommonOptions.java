// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli.common;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Flag;
import org.plurality.arguments.Value;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.failure.PluralityException;
import picocli.CommandLine;

/** What every command takes. */
public final class CommonOptions {
    private final Value<String> cache;
    private final Value<String> platform;
    private final Flag debug;

    public CommonOptions(Arguments arguments) {
        cache = arguments.option("--cache", "DIR", "The cache (default: ~/.cache/plurality).");
        platform = arguments.option("--platform", "OS/ARCH[/VARIANT]", "Of the image (default: this machine's).");
        debug = arguments.flag("--debug", "Show what happens, and where it fails, on standard error.");
        arguments.help("--help", "Show this help and exit.");
    }

    public boolean debug() {
        return debug.isGiven();
    }

    public Settings settings(Map<String, String> environment) throws PluralityException {
        return Settings.load(environment).withFlag(Key.CACHE, cache.get()).withFlag(Key.PLATFORM, platform.get());
    }

    /** Where images are looked for: in the cache that the command line names, else in all of them. */
    public List<Path> caches(Settings settings) {
        return cache.get() == null ? settings.caches() : List.of(settings.cache());
    }

    public static boolean isDebug(CommandLine command) {
        CommandLine.Model.ArgSpec option = command.getCommandSpec().findOption("--debug");
        return option != null && Boolean.TRUE.equals(option.getValue());
    }
}
