// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli.site;

import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.plurality.app.Session;
import org.plurality.app.retention.ExpiryFactory;
import org.plurality.app.retention.Restager;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.arguments.Flag;
import org.plurality.arguments.Values;
import org.plurality.cache.Cache;
import org.plurality.cache.CacheAccess;
import org.plurality.cache.EntryDocument;
import org.plurality.cache.SupersededEntry;
import org.plurality.cli.common.CommonOptions;
import org.plurality.cli.common.ErrorReport;
import org.plurality.cli.common.JsonOutput;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.display.ByteCount;
import org.plurality.display.ReadProgress;
import org.plurality.display.Table;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.failure.Printable;
import org.plurality.health.events.EventLog;
import org.plurality.health.verification.Damage;
import org.plurality.health.verification.Inspection;
import org.plurality.health.verification.Verified;
import org.plurality.reference.Digest;
import org.plurality.retention.inventory.Inventory;

public final class VerifyCommand implements Command {
    private static final int SHOWN = 10;

    private final Arguments arguments = new Arguments(
            "verify",
            "Compares images with what was recorded when they were published: all of the cache's, or those named.",
            "Looks at names, kinds, sizes and modes; ends with 6 when something is damaged.");

    private final CommonOptions common = new CommonOptions(arguments);
    private final Values wanted =
            arguments.parameters(0, "IMAGE", "Only these: references, digests, or their beginnings.");
    private final Flag deep = arguments.flag("--deep", "Read every file, and compare its contents.");
    private final Flag repair = arguments.flag(
            "--repair", "Stage what is damaged in again from its registry. Who runs from the old files keeps them.");
    private final Values insecure = arguments.options(
            "--insecure-registry",
            "HOST[:PORT]",
            "For --repair: may be spoken to over plain http. Can be given again.");
    private final Flag json = arguments.flag("--json", "Print one JSON object for each image.");
    private final Flag quiet = arguments.flag("-q, --quiet", "Print only what is damaged, and no progress.");

    private final Session session;
    private final ErrorReport errors;
    private final Table table = new Table("IMAGE", "DIGEST", "KIND", ">SIZE", ">FILES", "RESULT");
    private final List<String> details = new ArrayList<>();

    public VerifyCommand(Session session, ErrorReport errors) {
        this.session = session;
        this.errors = errors;
    }

    @Override
    public Arguments arguments() {
        return arguments;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = common.settings(session.environment()).withFlags(Key.INSECURE_REGISTRIES, insecure.get());
        List<Inventory.Located> images = images(settings);
        if (repair.isGiven()) {
            putBack(settings);
        }
        int worst = 0;
        List<Inventory.Located> damaged = new ArrayList<>();
        List<Verified> found = new ArrayList<>();
        try (ReadProgress progress = session.reading(deep.isGiven() ? bytes(images) : 0)) {
            int done = 0;
            for (Inventory.Located image : images) {
                done++;
                try {
                    Optional<Verified> verified = look(image, done, images.size(), progress);
                    if (verified.isPresent() && !verified.get().isWhole()) {
                        damaged.add(image);
                        found.add(verified.get());
                    } else if (verified.isPresent()) {
                        print(verified.get(), "ok");
                    }
                } catch (PluralityException e) {
                    progress.clear();
                    int code = errors.report(e, common.debug());
                    worst = worst == 0 ? code : worst;
                }
            }
        }
        for (int i = 0; i < damaged.size(); i++) {
            int code = settle(damaged.get(i).cache(), found.get(i), settings);
            worst = worst == 0 ? code : worst;
        }
        if (!json.isGiven() && !(quiet.isGiven() && damaged.isEmpty())) {
            table.print(session.out());
            details.forEach(session.out()::println);
        }
        return worst;
    }

    private List<Inventory.Located> images(Settings settings) throws PluralityException {
        List<Inventory.Located> images = new ArrayList<>();
        if (wanted.get().isEmpty()) {
            Cache cache = cache(settings);
            for (Digest digest : cache.digests()) {
                images.add(new Inventory.Located(cache, digest));
            }
        }
        Inventory inventory = new Inventory(common.caches(settings));
        for (String text : wanted.get()) {
            images.add(inventory.locate(text, settings.platform()));
        }
        return images;
    }

    private static Cache cache(Settings settings) throws PluralityException {
        return ExpiryFactory.existing(settings, "cannot verify images in");
    }

    /** What a repair that was killed between its two renames took away. */
    private static void putBack(Settings settings) throws PluralityException {
        Cache cache = cache(settings);
        CacheAccess.checkForWriting(cache.layout());
        try {
            for (SupersededEntry old : SupersededEntry.all(cache.layout())) {
                if (old.isOrphaned()) {
                    old.restore();
                }
            }
        } catch (IOException e) {
            throw PluralityException.storage("cannot read " + cache.layout().trash(), e);
        }
    }

    private static long bytes(List<Inventory.Located> images) {
        long bytes = 0;
        for (Inventory.Located image : images) {
            try {
                bytes += image.cache()
                        .find(image.digest())
                        .map(entry -> entry.document().bytes())
                        .orElse(0L);
            } catch (PluralityException e) {
                // That is found soon.
            }
        }
        return bytes;
    }

    private Optional<Verified> look(Inventory.Located image, int number, int all, ReadProgress progress)
            throws PluralityException {
        if (!quiet.isGiven()) {
            progress.begin("verifying " + image.digest().abbreviated() + " (" + number + " of " + all + ")");
        }
        EventLog log = new EventLog(image.cache().layout(), Clock.systemUTC());
        return new Inspection(image.cache(), log, quiet.isGiven() ? _ -> {} : progress::read)
                .inspect(image.digest(), deep.isGiven());
    }

    /** @return the exit code */
    private int settle(Cache cache, Verified damaged, Settings settings) throws PluralityException {
        if (!repair.isGiven()) {
            print(damaged, "damaged");
            return errors.report(damaged(damaged), common.debug());
        }
        try (Restager restager = new Restager(cache, settings, session, common.debug())) {
            restager.restage(damaged);
            print(damaged, "repaired");
            return 0;
        } catch (PluralityException e) {
            print(damaged, "damaged");
            return errors.report(e, common.debug());
        }
    }

    /** What is said of a damaged image. */
    public static PluralityException damaged(Verified damaged) {
        return new PluralityException(
                FailureKind.INTEGRITY,
                "cannot trust " + damaged.digest() + ": " + damaged.summary(),
                "stage it in again with 'plurality-stagein verify --repair " + damaged.digest() + "'");
    }

    private void print(Verified verified, String result) throws PluralityException {
        if (quiet.isGiven() && verified.isWhole()) {
            return;
        }
        Optional<EntryDocument> document = verified.document();
        String name = document.flatMap(known -> known.references().stream().findFirst())
                .orElse("-");
        if (!json.isGiven()) {
            table.row(
                    Printable.line(name),
                    verified.digest().abbreviated(),
                    document.map(known -> known.kind().label()).orElse("-"),
                    document.map(known -> ByteCount.of(known.bytes())).orElse("-"),
                    Long.toString(verified.files()),
                    result);
            for (Damage damage : verified.damage()
                    .subList(0, Math.min(SHOWN, verified.damage().size()))) {
                details.add(verified.digest().abbreviated() + " " + damage);
            }
            if (verified.damages() > SHOWN) {
                details.add(verified.digest().abbreviated() + " and " + (verified.damages() - SHOWN) + " more");
            }
            return;
        }
        JsonOutput.print(session.out(), out -> {
            out.writeStringField("digest", verified.digest().toString());
            out.writeStringField("name", Printable.line(name));
            if (document.isPresent()) {
                out.writeStringField("kind", document.get().kind().label());
                out.writeStringField("publication", document.get().publication());
                out.writeNumberField("bytes", document.get().bytes());
            }
            out.writeBooleanField("deep", verified.deep());
            out.writeNumberField("files", verified.files());
            out.writeNumberField("bytesRead", verified.bytesRead());
            out.writeStringField("result", result);
            out.writeNumberField("damages", verified.damages());
            out.writeArrayFieldStart("damage");
            for (Damage damage : verified.damage()) {
                out.writeStartObject();
                out.writeStringField("path", damage.where());
                out.writeStringField("what", damage.what());
                out.writeEndObject();
            }
            out.writeEndArray();
        });
    }
}
