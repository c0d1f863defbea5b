// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers.cli;

import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.arguments.Flag;
import org.plurality.arguments.Parameter;
import org.plurality.cache.Entry;
import org.plurality.config.Settings;
import org.plurality.containers.Container;
import org.plurality.containers.ContainerCreator;
import org.plurality.containers.ContainerName;
import org.plurality.failure.PluralityException;

final class CreateCommand implements Command {
    private final Arguments arguments = new Arguments(
                    "create",
                    "Makes a container of one's own from an image: from the Docker daemon when that has it, else the"
                            + " cache, else a registry. Prints its directory.")
            .alias("c");
    private final ImageOptions image = new ImageOptions(arguments);
    private final BundleOptions bundle = new BundleOptions(arguments);
    private final Flag overlay = arguments.flag(
            "--overlay", "A layer over the image in the cache instead of a copy: made at once, and takes no room.");
    private final Parameter<String> source = arguments.parameter("IMAGE", "As 'plurality pull' takes it.");
    private final Parameter<String> name = arguments.parameter("NAME", "Letters, digits, and . _ - after the first.");

    private final CliContext surroundings;

    CreateCommand(CliContext surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Arguments arguments() {
        return arguments;
    }

    @Override
    public Integer call() throws PluralityException {
        Session session = surroundings.session();
        Settings settings = image.apply(surroundings.settings());
        ContainerCreator creation = new ContainerCreator(
                surroundings.store(settings),
                surroundings.ids(),
                overlay.isGiven(),
                CliContext.variables(bundle.variables(), session.environment()),
                CliContext.workDirectory(bundle.workDirectory()),
                CliContext.binds(bundle.binds()));
        ContainerName wanted = ContainerName.parse(name.get());
        creation.check(wanted);
        Entry entry = surroundings
                .images(settings, image.forStageIn(), image.mayPull(session.environment()))
                .find(source.get());
        surroundings.say(true, (overlay.isGiven() ? "laying an overlay over " : "copying ") + entry.rootfs());
        Container container = creation.create(entry, source.get(), wanted);
        surroundings.say(true, "created " + container.name());
        session.out().println(container.directory());
        return 0;
    }
}
