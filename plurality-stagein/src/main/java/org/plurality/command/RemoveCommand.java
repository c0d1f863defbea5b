package org.plurality.command;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.plurality.cache.CacheLayout;
import org.plurality.config.Settings;
import org.plurality.events.Event;
import org.plurality.events.EventLog;
import org.plurality.failure.PluralityException;
import org.plurality.inventory.Inventory;
import org.plurality.reference.Digest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "rm", description = "Removes images and all of their names from the cache, and prints their digests.")
final class RemoveCommand implements Callable<Integer> {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(
            paramLabel = "IMAGE",
            arity = "1..*",
            description = "References, digests, or the beginnings of digests.")
    private List<String> wanted = new ArrayList<>();

    @Option(names = "--force", description = "Also when a job or a pin holds it.")
    private boolean force;

    private final Session session;

    RemoveCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = common.settings(session.environment());
        Inventory inventory = new Inventory(List.of(settings.cache()));
        for (String text : wanted) {
            Digest digest =
                    inventory.remove(text, settings.platform(), force, cache -> ExpiryGraph.keeper(cache, settings));
            new EventLog(new CacheLayout(settings.cache()), Clock.systemUTC())
                    .log(Event.Kind.REMOVED, digest.toString(), text, 0, 0, force ? "--force" : "");
            session.out().println(digest);
        }
        return 0;
    }
}
