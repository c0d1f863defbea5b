// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli.images;

import org.plurality.app.Session;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.arguments.Flag;
import org.plurality.arguments.Value;
import org.plurality.cache.Cache;
import org.plurality.cache.SharedCache;
import org.plurality.cli.common.CommonOptions;
import org.plurality.config.Settings;
import org.plurality.failure.PluralityException;

public final class InitCommand implements Command {
    private final Arguments arguments = new Arguments(
            "init",
            "Makes a cache, or changes who may use one that is there, and prints its path.",
            "A user's own cache is made by the first pull: this is for caches that several users share.");
    private final CommonOptions common = new CommonOptions(arguments);
    private final Flag site =
            arguments.flag("--site", "Everybody may read it and take leases; only its owner, or the group, stages in.");
    private final Value<String> group = arguments.option(
            "--group", "GROUP", "The members of this group stage in together; without --site only they read it.");

    private final Session session;

    public InitCommand(Session session) {
        this.session = session;
    }

    @Override
    public Arguments arguments() {
        return arguments;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = common.settings(session.environment());
        Cache cache = SharedCache.make(settings.cache(), site.isGiven(), group.get());
        session.out().println(cache.layout().root());
        return 0;
    }
}
