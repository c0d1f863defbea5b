// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli.images;

import org.plurality.app.Session;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.cache.Pins;
import org.plurality.cli.common.WantedImages;
import org.plurality.failure.PluralityException;
import org.plurality.reference.Digest;
import org.plurality.retention.inventory.Image;

public final class UnpinCommand implements Command {
    private final Arguments arguments =
            new Arguments("unpin", "Lets pinned images expire again, and prints their digests.");
    private final WantedImages images = new WantedImages(arguments);

    private final Session session;

    public UnpinCommand(Session session) {
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
