// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli.images;

import java.time.Instant;
import org.plurality.app.Session;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.cache.Pins;
import org.plurality.cli.common.WantedImages;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.retention.inventory.Image;

public final class PinCommand implements Command {
    private final Arguments arguments =
            new Arguments("pin", "Keeps images whatever the expiry's rules say, and prints their digests.");
    private final WantedImages images = new WantedImages(arguments);

    private final Session session;

    public PinCommand(Session session) {
        this.session = session;
    }

    @Override
    public Arguments arguments() {
        return arguments;
    }

    @Override
    public Integer call() throws PluralityException {
        for (Image image : images.find(session.environment())) {
            pin(image);
            session.out().println(image.entry().document().digest());
        }
        return 0;
    }

    /** Pins first and looks then: an expiry that was about to take the image sees the pin, or has taken it. */
    public static void pin(Image image) throws PluralityException {
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
