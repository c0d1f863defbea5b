package org.plurality.command;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.plurality.config.Settings;
import org.plurality.failure.PluralityException;
import org.plurality.inventory.Inventory;
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
            session.out().println(inventory.remove(text, settings.platform(), force));
        }
        return 0;
    }
}
