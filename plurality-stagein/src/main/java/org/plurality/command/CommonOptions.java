package org.plurality.command;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.failure.PluralityException;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** What every command takes. */
final class CommonOptions {
    @Option(names = "--cache", paramLabel = "DIR", description = "The cache (default: ~/.cache/plurality).")
    private @Nullable String cache;

    @Option(
            names = "--platform",
            paramLabel = "OS/ARCH[/VARIANT]",
            description = "Of the image (default: this machine's).")
    private @Nullable String platform;

    @Option(names = "--debug", description = "Show what happens, and where it fails, on standard error.")
    private boolean debug;

    @Option(names = "--help", usageHelp = true, description = "Show this help and exit.")
    @SuppressWarnings("unused") // Only picocli reads it.
    private boolean help;

    boolean debug() {
        return debug;
    }

    Settings settings(Map<String, String> environment) throws PluralityException {
        return Settings.load(environment).withFlag(Key.CACHE, cache).withFlag(Key.PLATFORM, platform);
    }

    /** Where images are looked for: in the cache that the command line names, else in all of them. */
    List<Path> caches(Settings settings) {
        return cache == null ? settings.caches() : List.of(settings.cache());
    }

    static boolean isDebug(CommandLine command) {
        CommandLine.Model.ArgSpec option = command.getCommandSpec().findOption("--debug");
        return option != null && Boolean.TRUE.equals(option.getValue());
    }
}
