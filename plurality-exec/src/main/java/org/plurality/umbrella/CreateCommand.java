package org.plurality.umbrella;

import java.util.concurrent.Callable;
import org.plurality.cache.Entry;
import org.plurality.config.Settings;
import org.plurality.container.Container;
import org.plurality.container.ContainerName;
import org.plurality.container.Creation;
import org.plurality.failure.PluralityException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "create",
        aliases = "c",
        description = "Makes a container of one's own from an image: from the Docker daemon when that has it, else the"
                + " cache, else a registry. Prints its directory.")
final class CreateCommand implements Callable<Integer> {
    @Mixin
    private ImageOptions image = new ImageOptions();

    @Mixin
    private BundleOptions bundle = new BundleOptions();

    @Option(
            names = "--overlay",
            description = "A layer over the image in the cache instead of a copy: made at once, and takes no room.")
    private boolean overlay;

    @Parameters(index = "0", paramLabel = "IMAGE", description = "As 'plurality pull' takes it.")
    private String source = "";

    @Parameters(index = "1", paramLabel = "NAME", description = "Letters, digits, and . _ - after the first.")
    private String name = "";

    private final Surroundings surroundings;

    CreateCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws PluralityException {
        Session session = surroundings.session();
        Settings settings = image.apply(surroundings.settings());
        Creation creation = new Creation(
                surroundings.store(settings),
                surroundings.ids(),
                overlay,
                Surroundings.variables(bundle.variables, session.environment()),
                Surroundings.workDirectory(bundle.workDirectory),
                Surroundings.binds(bundle.binds));
        ContainerName wanted = ContainerName.parse(name);
        creation.check(wanted);
        Entry entry = surroundings
                .images(settings, image.forStageIn(), image.mayPull(session.environment()))
                .find(source);
        surroundings.say(true, (overlay ? "laying an overlay over " : "copying ") + entry.rootfs());
        Container container = creation.create(entry, source, wanted);
        surroundings.say(true, "created " + container.name());
        session.out().println(container.directory());
        return 0;
    }
}
