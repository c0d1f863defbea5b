package org.plurality.command;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.plurality.cache.Pins;
import org.plurality.config.Settings;
import org.plurality.failure.PluralityException;
import org.plurality.inventory.Image;
import org.plurality.inventory.Inventory;
import org.plurality.reference.Digest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "unpin", description = "Lets pinned images expire again, and prints their digests.")
final class UnpinCommand implements Callable<Integer> {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "IMAGE", arity = "1..*", description = "References, digests, or their beginnings.")
    private List<String> wanted = new ArrayList<>();

    private final Session session;

    UnpinCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = common.settings(session.environment());
        Inventory inventory = new Inventory(List.of(settings.cache()));
        for (String text : wanted) {
            Image image = inventory.find(text, settings.platform());
            Digest digest = image.entry().document().digest();
            new Pins(image.cache().layout()).unpin(digest);
            session.out().println(digest);
        }
        return 0;
    }
}
