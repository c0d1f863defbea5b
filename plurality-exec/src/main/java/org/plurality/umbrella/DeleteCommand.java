package org.plurality.umbrella;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.plurality.config.Settings;
import org.plurality.container.ContainerName;
import org.plurality.container.Ending;
import org.plurality.failure.PluralityException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "delete", description = "Removes containers and all that they wrote.")
final class DeleteCommand implements Callable<Integer> {
    @Option(
            names = {"-f", "--force"},
            description = "Kill one that runs.")
    private boolean force;

    @Parameters(arity = "1..*", paramLabel = "NAME", description = "Of the containers.")
    private List<String> names = new ArrayList<>();

    private final Surroundings surroundings;

    DeleteCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = surroundings.settings();
        Ending ending = surroundings.ending(settings);
        for (String name : names) {
            ending.delete(surroundings.store(settings).find(ContainerName.parse(name)), force);
        }
        return 0;
    }
}
