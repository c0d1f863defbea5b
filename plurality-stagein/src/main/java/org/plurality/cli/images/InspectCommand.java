// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli.images;

import org.plurality.app.Session;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.arguments.Parameter;
import org.plurality.cli.common.CommonOptions;
import org.plurality.cli.common.JsonOutput;
import org.plurality.config.Settings;
import org.plurality.failure.PluralityException;
import org.plurality.retention.inventory.Image;
import org.plurality.retention.inventory.Inventory;

public final class InspectCommand implements Command {
    private final Arguments arguments = new Arguments("inspect", "Prints what is known of a staged image, as JSON.");
    private final CommonOptions common = new CommonOptions(arguments);
    private final Parameter<String> wanted =
            arguments.parameter("IMAGE", "A reference, a digest, or the beginning of a digest.");

    private final Session session;

    public InspectCommand(Session session) {
        this.session = session;
    }

    @Override
    public Arguments arguments() {
        return arguments;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = common.settings(session.environment());
        Image image = new Inventory(common.caches(settings)).findNamed(wanted.get(), settings.platform());
        JsonOutput.print(session.out(), out -> JsonOutput.writeImage(out, image));
        return 0;
    }
}
