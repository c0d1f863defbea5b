package org.plurality.umbrella;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.plurality.cache.Entry;
import org.plurality.cache.RootfsKind;
import org.plurality.config.Settings;
import org.plurality.container.Creation;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "spec",
        description = "Writes the config.json of an OCI bundle that runs an image in the cache, read-only, with any OCI"
                + " runtime: to standard output unless --bundle names a directory.")
final class SpecCommand implements Callable<Integer> {
    @Mixin
    private ImageOptions image = new ImageOptions();

    @Mixin
    private BundleOptions bundle = new BundleOptions();

    @Option(
            names = {"-b", "--bundle"},
            paramLabel = "DIR",
            description = "Write DIR/config.json, which must not be there.")
    private @Nullable Path directory;

    @Parameters(paramLabel = "IMAGE", description = "As 'plurality create' takes it.")
    private String source = "";

    private final Surroundings surroundings;

    SpecCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws PluralityException, IOException {
        Session session = surroundings.session();
        Settings settings = image.apply(surroundings.settings());
        Entry entry = surroundings
                .images(settings, image.forStageIn(), image.mayPull(session.environment()))
                .find(source);
        if (entry.document().kind() != RootfsKind.DIR) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot write a bundle for " + source + ": it is staged as squashfs",
                    "stage it in as a directory: plurality pull --format dir " + source);
        }
        byte[] spec = new Creation(
                        surroundings.store(settings),
                        surroundings.ids(),
                        false,
                        Surroundings.variables(bundle.variables, session.environment()),
                        Surroundings.workDirectory(bundle.workDirectory),
                        Surroundings.binds(bundle.binds))
                .specOf(entry)
                .toJson();
        if (directory == null) {
            session.out().print(new String(spec, StandardCharsets.UTF_8));
            return 0;
        }
        Path file = directory.resolve("config.json");
        try {
            Files.createDirectories(directory);
            Files.write(file, spec, StandardOpenOption.CREATE_NEW);
        } catch (FileAlreadyExistsException e) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot write " + file + ": it is there already",
                    "name another directory with --bundle, or remove that file");
        } catch (IOException e) {
            throw PluralityException.storage("cannot write " + file, e);
        }
        return 0;
    }
}
