package org.plurality.command;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.plurality.cache.EntryDocument;
import org.plurality.cache.ReferenceDocument;
import org.plurality.config.Settings;
import org.plurality.display.ByteCount;
import org.plurality.display.Table;
import org.plurality.failure.PluralityException;
import org.plurality.inventory.Image;
import org.plurality.inventory.Inventory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "list", description = "Lists the images that are staged in.")
final class ListCommand implements Callable<Integer> {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(
            paramLabel = "IMAGE",
            arity = "0..*",
            description = "Only these: references, digests, or their beginnings.")
    private List<String> wanted = new ArrayList<>();

    @Option(
            names = {"-l", "--long"},
            description = "Also last use, who holds it, and when it will go. Asks the scheduler who runs.")
    private boolean isLong;

    @Option(names = "--json", description = "Print one JSON object for each image.")
    private boolean json;

    private final Session session;
    private final ErrorReport errors;

    ListCommand(Session session, ErrorReport errors) {
        this.session = session;
        this.errors = errors;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = common.settings(session.environment());
        Inventory inventory = new Inventory(common.caches(settings));
        for (Path root : inventory.absent()) {
            // One's own is made by the first pull.
            if (!root.equals(settings.cache())) {
                session.err().println("there is no cache in " + root + ", which site_caches names");
            }
        }
        AtomicInteger worst = new AtomicInteger();
        List<Image> images = wanted.isEmpty()
                ? inventory.images(damaged -> worst.set(errors.report(damaged, common.debug())))
                : new ArrayList<>();
        for (String image : wanted) {
            images.add(inventory.findNamed(image, settings.platform()));
        }
        Forecast forecast = isLong ? Forecast.of(images, settings) : Forecast.NONE;
        if (json) {
            for (Image image : images) {
                JsonOutput.print(session.out(), out -> {
                    JsonOutput.writeImage(out, image);
                    forecast.write(out, image);
                });
            }
            return worst.get();
        }
        if (isLong) {
            forecast.print(session.out(), images);
            return worst.get();
        }
        Instant now = Clock.systemUTC().instant();
        Table table = new Table("IMAGE", "PLATFORM", "DIGEST", "KIND", ">SIZE", ">AGE");
        for (Image image : images) {
            EntryDocument document = image.entry().document();
            List<String> names = new ArrayList<>();
            for (ReferenceDocument reference : image.references()) {
                names.add(reference.reference().toString());
            }
            for (String name : names.isEmpty() ? List.of("-") : names) {
                table.row(
                        name,
                        document.platform().toString(),
                        document.digest().abbreviated(),
                        document.kind().label(),
                        ByteCount.of(document.bytes()),
                        Table.age(document.createdAt(), now));
            }
        }
        table.print(session.out());
        return worst.get();
    }
}
