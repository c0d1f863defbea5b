package org.plurality.command;

import java.util.concurrent.Callable;
import org.plurality.cache.Pins;
import org.plurality.failure.PluralityException;
import org.plurality.inventory.Image;
import org.plurality.reference.Digest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "unpin", description = "Lets pinned images expire again, and prints their digests.")
final class UnpinCommand implements Callable<Integer> {
    @Mixin
    private WantedImages images = new WantedImages();

    private final Session session;

    UnpinCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws PluralityException {
        for (Image image : images.find(session.environment())) {
            Digest digest = image.entry().document().digest();
            new Pins(image.cache().layout()).unpin(digest);
            session.out().println(digest);
        }
        return 0;
    }
}
