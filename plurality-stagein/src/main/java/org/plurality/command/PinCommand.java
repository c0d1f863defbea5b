package org.plurality.command;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.plurality.cache.Pins;
import org.plurality.config.Settings;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.inventory.Image;
import org.plurality.inventory.Inventory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "pin", description = "Keeps images whatever the expiry's rules say, and prints their digests.")
final class PinCommand implements Callable<Integer> {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "IMAGE", arity = "1..*", description = "References, digests, or their beginnings.")
    private List<String> wanted = new ArrayList<>();

    private final Session session;

    PinCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = common.settings(session.environment());
        Inventory inventory = new Inventory(List.of(settings.cache()));
        for (String text : wanted) {
            Image image = inventory.find(text, settings.platform());
            pin(image);
            session.out().println(image.entry().document().digest());
        }
        return 0;
    }

    /** Pins first and looks then: an expiry that was about to take the image sees the pin, or has taken it. */
    static void pin(Image image) throws PluralityException {
        Pins pins = new Pins(image.cache().layout());
        pins.pin(image.entry().document().digest(), System.getProperty("user.name", "?"), Instant.now());
        if (image.cache().find(image.entry().document().digest()).isEmpty()) {
            pins.unpin(image.entry().document().digest());
            throw new PluralityException(
                    FailureKind.NOT_FOUND,
                    "cannot pin " + image.entry().document().digest() + ": it was removed at this moment",
                    "stage it in again with 'plurality-stagein pull'");
        }
    }
}
