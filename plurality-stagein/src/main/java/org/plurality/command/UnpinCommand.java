// SPDX-License-Identifier: Apache-2.0
package org.plurality.command;

import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.cache.Pins;
import org.plurality.failure.PluralityException;
import org.plurality.inventory.Image;
import org.plurality.reference.Digest;

final class UnpinCommand implements Command {
    private final Arguments arguments =
            new Arguments("unpin", "Lets pinned images expire again, and prints their digests.");
    private final WantedImages images = new WantedImages(arguments);

    private final Session session;

    UnpinCommand(Session session) {
        this.session = session;
    }

    @Override
    public Arguments arguments() {
        return arguments;
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
