// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli.site;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.plurality.app.Session;
import org.plurality.app.retention.ExpiryFactory;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.arguments.Flag;
import org.plurality.arguments.Values;
import org.plurality.cache.Cache;
import org.plurality.cache.DedupeStore;
import org.plurality.cache.Entry;
import org.plurality.cli.common.CommonOptions;
import org.plurality.cli.common.JsonOutput;
import org.plurality.config.Settings;
import org.plurality.display.ByteCount;
import org.plurality.display.Table;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.failure.Printable;
import org.plurality.retention.expiry.CacheSnapshot;
import org.plurality.retention.expiry.ImageUsage;
import org.plurality.retention.inventory.Usage;

public final class UsageCommand implements Command {
    private static final List<String> ALL = List.of("user", "repository", "format");

    private final Arguments arguments = new Arguments(
            "usage",
            "Shows who uses how much of the cache: by user, by repository and by format, the largest first.",
            "An image counts to who staged it in, and to the first of its repositories. What images share counts to",
            "each of them; (shared) says how much that is too much, and (all) is without it.");

    private final CommonOptions common = new CommonOptions(arguments);
    private final Values by =
            arguments.options("--by", "WHAT", "Only by user, repository or format. Can be given again.");
    private final Flag json = arguments.flag("--json", "Print one JSON object for each line.");

    private final Session session;

    public UsageCommand(Session session) {
        this.session = session;
    }

    @Override
    public Arguments arguments() {
        return arguments;
    }

    @Override
    public Integer call() throws PluralityException {
        for (String what : by.get()) {
            if (!ALL.contains(what)) {
                throw new PluralityException(
                        FailureKind.USAGE, "cannot show usage by '" + what + "'", "use user, repository or format");
            }
        }
        Settings settings = common.settings(session.environment());
        Cache cache = ExpiryFactory.existing(settings, "cannot show the usage of");
        Map<String, Usage> usages = usages(
                cache,
                CacheSnapshot.of(
                        cache, ExpiryFactory.keeper(cache, settings), ExpiryFactory.now(cache, session.err())));
        DedupeStore.Saved saved = saved(cache);
        boolean isFirst = true;
        for (Map.Entry<String, Usage> usage : usages.entrySet()) {
            if (!by.get().isEmpty() && !by.get().contains(usage.getKey())) {
                continue;
            }
            if (json.isGiven()) {
                for (Usage.Share share : usage.getValue().shares()) {
                    printJson(usage.getKey(), share);
                }
                if (saved.inodes() > 0) {
                    printJson(usage.getKey(), shared(saved));
                }
                continue;
            }
            if (!isFirst) {
                session.out().println();
            }
            isFirst = false;
            print(usage.getKey(), usage.getValue(), saved);
        }
        return 0;
    }

    public static Map<String, Usage> usages(Cache cache, CacheSnapshot survey) {
        Map<String, Usage> usages = new LinkedHashMap<>();
        ALL.forEach(what -> usages.put(what, new Usage()));
        for (ImageUsage image : survey.candidates()) {
            boolean isHeld = image.isPinned() || !image.holders().isEmpty();
            String repository = image.repositories().isEmpty()
                    ? "(no repository)"
                    : image.repositories().get(0);
            List<String> names = List.of(owner(cache, image), repository, format(cache, image));
            for (int i = 0; i < names.size(); i++) {
                Usage usage = usages.get(ALL.get(i));
                if (usage != null) {
                    usage.add(Printable.line(names.get(i)), image.bytes(), image.inodes(), isHeld);
                }
            }
        }
        return usages;
    }

    private static String owner(Cache cache, ImageUsage image) {
        try {
            return Files.getOwner(cache.layout().image(image.digest()), LinkOption.NOFOLLOW_LINKS)
                    .getName();
        } catch (IOException e) {
            return "?";
        }
    }

    private static String format(Cache cache, ImageUsage image) {
        try {
            Optional<Entry> entry = cache.find(image.digest());
            return entry.map(found -> found.document().kind().label()).orElse("?");
        } catch (PluralityException e) {
            return "?";
        }
    }

    private static DedupeStore.Saved saved(Cache cache) throws PluralityException {
        try {
            return new DedupeStore(cache.layout()).saved();
        } catch (IOException e) {
            throw PluralityException.storage("cannot list " + cache.layout().shared(), e);
        }
    }

    private static Usage.Share shared(DedupeStore.Saved saved) {
        return new Usage.Share("(shared)", 0, -saved.bytes(), -saved.inodes(), 0);
    }

    private void print(String what, Usage usage, DedupeStore.Saved saved) {
        Table table = new Table(what.toUpperCase(Locale.ROOT), ">IMAGES", ">SIZE", ">INODES", ">HELD");
        long images = 0;
        long bytes = 0;
        long inodes = 0;
        long held = 0;
        for (Usage.Share share : usage.shares()) {
            images += share.images();
            bytes += share.bytes();
            inodes += share.inodes();
            held += share.held();
            row(table, share);
        }
        if (saved.inodes() > 0) {
            row(table, shared(saved));
        }
        row(table, new Usage.Share("(all)", images, bytes - saved.bytes(), inodes - saved.inodes(), held));
        table.print(session.out());
    }

    private static void row(Table table, Usage.Share share) {
        table.row(
                share.name(),
                Long.toString(share.images()),
                share.bytes() < 0 ? "-" + ByteCount.of(-share.bytes()) : ByteCount.of(share.bytes()),
                Long.toString(share.inodes()),
                Long.toString(share.held()));
    }

    private void printJson(String what, Usage.Share share) throws PluralityException {
        JsonOutput.print(session.out(), out -> {
            out.writeStringField("by", what);
            out.writeStringField("name", share.name());
            out.writeNumberField("images", share.images());
            out.writeNumberField("bytes", share.bytes());
            out.writeNumberField("inodes", share.inodes());
            out.writeNumberField("held", share.held());
        });
    }
}
