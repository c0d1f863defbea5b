// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli.images;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.plurality.app.Session;
import org.plurality.app.retention.Forecast;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.arguments.Flag;
import org.plurality.arguments.Values;
import org.plurality.cache.EntryDocument;
import org.plurality.cache.ReferenceDocument;
import org.plurality.cli.common.CommonOptions;
import org.plurality.cli.common.ErrorReport;
import org.plurality.cli.common.JsonOutput;
import org.plurality.config.Settings;
import org.plurality.display.ByteCount;
import org.plurality.display.Table;
import org.plurality.failure.PluralityException;
import org.plurality.retention.inventory.Image;
import org.plurality.retention.inventory.Inventory;

public final class ListCommand implements Command {
    private final Arguments arguments = new Arguments("list", "Lists the images that are staged in.")
            .alias("images")
            .alias("ls");
    private final CommonOptions common = new CommonOptions(arguments);
    private final Values wanted =
            arguments.parameters(0, "IMAGE", "Only these: references, digests, or their beginnings.");
    private final Flag isLong = arguments.flag(
            "-l, --long", "Also last use, who holds it, and when it will go. Asks the scheduler who runs.");
    private final Flag json = arguments.flag("--json", "Print one JSON object for each image.");

    private final Session session;
    private final ErrorReport errors;

    public ListCommand(Session session, ErrorReport errors) {
        this.session = session;
        this.errors = errors;
    }

    @Override
    public Arguments arguments() {
        return arguments;
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
        List<Image> images = wanted.get().isEmpty()
                ? inventory.images(damaged -> worst.set(errors.report(damaged, common.debug())))
                : new ArrayList<>();
        for (String image : wanted.get()) {
            images.add(inventory.findNamed(image, settings.platform()));
        }
        Forecast forecast = isLong.isGiven() ? Forecast.of(images, settings, session.err()) : Forecast.NONE;
        if (json.isGiven()) {
            for (Image image : images) {
                JsonOutput.print(session.out(), out -> {
                    JsonOutput.writeImage(out, image);
                    forecast.write(out, image);
                });
            }
            return worst.get();
        }
        if (isLong.isGiven()) {
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
