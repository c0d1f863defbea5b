package org.plurality.umbrella;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.failure.PluralityException;
import picocli.CommandLine.Option;

/** Where an image comes from. */
final class ImageOptions {
    @Option(
            names = "--nopull",
            description = "Ask no registry: take what the Docker daemon or the cache has (or ENV_NOPULL=1).")
    private boolean noPull;

    @Option(
            names = "--platform",
            paramLabel = "OS/ARCH[/VARIANT]",
            description = "Of the image (default: this machine's).")
    private @Nullable String platform;

    @Option(names = "--cache", paramLabel = "DIR", description = "The cache (default: ~/.cache/plurality).")
    private @Nullable String cache;

    boolean mayPull(Map<String, String> environment) {
        return !noPull && !Verbosity.isSet(environment, "ENV_NOPULL");
    }

    Settings apply(Settings settings) throws PluralityException {
        return settings.withFlag(Key.CACHE, cache).withFlag(Key.PLATFORM, platform);
    }

    /** The same for {@code plurality-stagein}. */
    List<String> forStageIn() {
        List<String> options = new ArrayList<>();
        if (platform != null) {
            options.addAll(List.of("--platform", platform));
        }
        if (cache != null) {
            options.addAll(List.of("--cache", cache));
        }
        return options;
    }
}
