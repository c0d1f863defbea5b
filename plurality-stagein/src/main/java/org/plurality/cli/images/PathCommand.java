// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli.images;

import org.plurality.app.Session;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.arguments.Parameter;
import org.plurality.cli.common.CommonOptions;
import org.plurality.config.Settings;
import org.plurality.failure.PluralityException;
import org.plurality.retention.inventory.Image;
import org.plurality.retention.inventory.Inventory;

public final class PathCommand implements Command {
    private final Arguments arguments = new Arguments(
            "path", "Prints the absolute path of the root filesystem of a staged image, and nothing else.");
    private final CommonOptions common = new CommonOptions(arguments);
    private final Parameter<String> wanted =
            arguments.parameter("IMAGE", "A reference, a digest, or the beginning of a digest.");

    private final Session session;

    public PathCommand(Session session) {
        this.session = session;
    }

    @Override
    public Arguments arguments() {
        return arguments;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = common.settings(session.environment());
        Image image = new Inventory(common.caches(settings)).find(wanted.get(), settings.platform());
        session.out().println(image.entry().rootfs());
        return 0;
    }
}
