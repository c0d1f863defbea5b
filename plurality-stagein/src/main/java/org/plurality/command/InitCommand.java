package org.plurality.command;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.plurality.cache.Cache;
import org.plurality.cache.SharedCache;
import org.plurality.config.Settings;
import org.plurality.failure.PluralityException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "init",
        description = {
            "Makes a cache, or changes who may use one that is there, and prints its path.",
            "A user's own cache is made by the first pull: this is for caches that several users share."
        })
final class InitCommand implements Callable<Integer> {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Option(
            names = "--site",
            description = "Everybody may read it and take leases; only its owner, or the group, stages in.")
    private boolean site;

    @Option(
            names = "--group",
            paramLabel = "GROUP",
            description = "The members of this group stage in together; without --site only they read it.")
    private @Nullable String group;

    private final Session session;

    InitCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = common.settings(session.environment());
        Cache cache = SharedCache.make(settings.cache(), site, group);
        session.out().println(cache.layout().root());
        return 0;
    }
}
