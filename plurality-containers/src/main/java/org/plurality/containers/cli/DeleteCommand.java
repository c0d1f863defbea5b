// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers.cli;

import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.arguments.Flag;
import org.plurality.arguments.Values;
import org.plurality.config.Settings;
import org.plurality.containers.ContainerName;
import org.plurality.containers.ContainerStopper;
import org.plurality.failure.PluralityException;

final class DeleteCommand implements Command {
    private final Arguments arguments = new Arguments("delete", "Removes containers and all that they wrote.");
    private final Flag force = arguments.flag("-f, --force", "Kill one that runs.");
    private final Values names = arguments.parameters(1, "NAME", "Of the containers.");

    private final CliContext surroundings;

    DeleteCommand(CliContext surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Arguments arguments() {
        return arguments;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = surroundings.settings();
        ContainerStopper ending = surroundings.ending(settings);
        for (String name : names.get()) {
            ending.delete(surroundings.store(settings).find(ContainerName.parse(name)), force.isGiven());
        }
        return 0;
    }
}
