// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Flag;
import org.plurality.arguments.Value;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.failure.PluralityException;

/** Where an image comes from. */
final class ImageOptions {
    private final Flag noPull;
    private final Value<String> platform;
    private final Value<String> cache;

    ImageOptions(Arguments arguments) {
        noPull = arguments.flag(
                "--nopull", "Ask no registry: take what the Docker daemon or the cache has (or ENV_NOPULL=1).");
        platform = arguments.option("--platform", "OS/ARCH[/VARIANT]", "Of the image (default: this machine's).");
        cache = arguments.option("--cache", "DIR", "The cache (default: ~/.cache/plurality).");
    }

    boolean mayPull(Map<String, String> environment) {
        return !noPull.isGiven() && !Verbosity.isSet(environment, "ENV_NOPULL");
    }

    Settings apply(Settings settings) throws PluralityException {
        return settings.withFlag(Key.CACHE, cache.get()).withFlag(Key.PLATFORM, platform.get());
    }

    /** The same for {@code plurality-stagein}. */
    List<String> forStageIn() {
        List<String> options = new ArrayList<>();
        if (platform.get() != null) {
            options.addAll(List.of("--platform", platform.get()));
        }
        if (cache.get() != null) {
            options.addAll(List.of("--cache", cache.get()));
        }
        return options;
    }
}
