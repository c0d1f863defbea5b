// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.arguments.Parameter;
import org.plurality.arguments.Value;
import org.plurality.cache.Entry;
import org.plurality.cache.RootfsKind;
import org.plurality.config.Settings;
import org.plurality.containers.ContainerCreator;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

final class SpecCommand implements Command {
    private final Arguments arguments = new Arguments(
            "spec",
            "Writes the config.json of an OCI bundle that runs an image in the cache, read-only, with any OCI"
                    + " runtime: to standard output unless --bundle names a directory.");
    private final ImageOptions image = new ImageOptions(arguments);
    private final BundleOptions bundle = new BundleOptions(arguments);
    private final Value<Path> directory =
            arguments.option("-b, --bundle", Path.class, "DIR", "Write DIR/config.json, which must not be there.");
    private final Parameter<String> source = arguments.parameter("IMAGE", "As 'plurality create' takes it.");

    private final CliContext surroundings;

    SpecCommand(CliContext surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Arguments arguments() {
        return arguments;
    }

    @Override
    public Integer call() throws PluralityException, IOException {
        Session session = surroundings.session();
        Settings settings = image.apply(surroundings.settings());
        Entry entry = surroundings
                .images(settings, image.forStageIn(), image.mayPull(session.environment()))
                .find(source.get());
        if (entry.document().kind() != RootfsKind.DIR) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot write a bundle for " + source.get() + ": it is staged as squashfs",
                    "stage it in as a directory: plurality pull --format dir " + source.get());
        }
        byte[] spec = new ContainerCreator(
                        surroundings.store(settings),
                        surroundings.ids(),
                        false,
                        CliContext.variables(bundle.variables(), session.environment()),
                        CliContext.workDirectory(bundle.workDirectory()),
                        CliContext.binds(bundle.binds()))
                .specOf(entry)
                .toJson();
        if (directory.get() == null) {
            session.out().print(new String(spec, StandardCharsets.UTF_8));
            return 0;
        }
        Path file = directory.get().resolve("config.json");
        try {
            Files.createDirectories(directory.get());
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
