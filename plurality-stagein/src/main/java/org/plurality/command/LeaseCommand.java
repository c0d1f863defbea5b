package org.plurality.command;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.plurality.cache.Cache;
import org.plurality.config.Settings;
import org.plurality.display.Table;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.failure.Printable;
import org.plurality.inventory.Holding;
import org.plurality.inventory.Image;
import org.plurality.inventory.Inventory;
import org.plurality.lease.Holder;
import org.plurality.lease.LeaseId;
import org.plurality.reaping.Census;
import org.plurality.reaping.JudgedLease;
import org.plurality.reaping.LeaseKeeper;
import org.plurality.reference.Digest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "lease", description = "What jobs, processes and people hold: no expiry removes it.")
final class LeaseCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before run.
    private CommandSpec spec;

    @Option(names = "--help", usageHelp = true, description = "Show this help and exit.")
    @SuppressWarnings("unused") // Only picocli reads it.
    private boolean help;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say which: add, renew, release or list");
    }

    @Command(
            name = "add",
            description =
                    "Takes a lease on images and prints its id. Inside a job it is the job's unless said otherwise.")
    static final class Add implements Callable<Integer> {
        @Mixin
        private CommonOptions common = new CommonOptions();

        @Mixin
        private HolderOptions holders = new HolderOptions();

        @Parameters(paramLabel = "IMAGE", arity = "1..*", description = "References, digests, or their beginnings.")
        private List<String> images = new ArrayList<>();

        @Option(names = "--id", paramLabel = "ID", description = "Its name, to renew and release it by.")
        private @Nullable String id;

        @Option(names = "--json", description = "Print one JSON object for each image.")
        private boolean json;

        private final Session session;

        Add(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() throws PluralityException {
            Settings settings = common.settings(session.environment());
            Inventory inventory = new Inventory(common.caches(settings));
            LeaseId wanted = id == null ? null : HolderOptions.id(id);
            for (String text : images) {
                Image image = inventory.find(text, settings.platform());
                Holder holder = holders.holder(wanted, session.environment(), Holding.now(image));
                wanted = wanted == null ? HolderOptions.idOf(holder) : wanted;
                LeaseId taken = Holding.take(image, wanted, holder);
                Digest digest = image.entry().document().digest();
                if (json) {
                    JsonOutput.print(session.out(), out -> {
                        out.writeStringField("id", taken.value());
                        out.writeStringField("digest", digest.toString());
                        out.writeStringField(
                                "cache", image.cache().layout().root().toString());
                        out.writeStringField("holder", holder.describe());
                    });
                } else {
                    session.out().println(taken + " " + digest);
                }
            }
            return 0;
        }
    }

    @Command(name = "renew", description = "Says anew for how long a lease lives, on all images that it is on.")
    static final class Renew implements Callable<Integer> {
        @Mixin
        private CommonOptions common = new CommonOptions();

        @Mixin
        private HolderOptions holders = new HolderOptions();

        @Parameters(paramLabel = "ID", description = "Of the lease.")
        private String id = "";

        private final Session session;

        Renew(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() throws PluralityException {
            Settings settings = common.settings(session.environment());
            LeaseId lease = HolderOptions.id(id);
            Holding holding = new Holding(common.caches(settings));
            Holder holder = holders.holder(lease, session.environment(), holding.now(lease));
            for (Holding.Held held : holding.renew(lease, holder)) {
                session.out().println(held.id() + " " + held.digest());
            }
            return 0;
        }
    }

    @Command(
            name = "release",
            description = "Ends leases: their images may go. The same again says that there is none.")
    static final class Release implements Callable<Integer> {
        @Mixin
        private CommonOptions common = new CommonOptions();

        @Parameters(paramLabel = "ID", arity = "1..*", description = "Of the leases.")
        private List<String> ids = new ArrayList<>();

        private final Session session;

        Release(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() throws PluralityException {
            Settings settings = common.settings(session.environment());
            Holding holding = new Holding(common.caches(settings));
            for (String id : ids) {
                for (Holding.Held held : holding.release(HolderOptions.id(id))) {
                    session.out().println(held.id() + " " + held.digest());
                }
            }
            return 0;
        }
    }

    @Command(
            name = "list",
            description = "Lists leases and whether they hold: asks the schedulers, and this host about its processes.")
    static final class ListLeases implements Callable<Integer> {
        @Mixin
        private CommonOptions common = new CommonOptions();

        @Parameters(paramLabel = "IMAGE", arity = "0..*", description = "Only of these.")
        private List<String> images = new ArrayList<>();

        @Option(names = "--json", description = "Print one JSON object for each lease.")
        private boolean json;

        private final Session session;

        ListLeases(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() throws PluralityException {
            Settings settings = common.settings(session.environment());
            Table table = new Table("ID", "DIGEST", "USER", "HOLDS", "WHY");
            for (Path root : common.caches(settings)) {
                Cache cache = Cache.open(root).orElse(null);
                if (cache == null) {
                    continue;
                }
                Census census = census(cache, settings);
                for (Digest digest : census.images().keySet().stream().sorted().toList()) {
                    for (JudgedLease lease : census.of(digest).leases()) {
                        print(cache, digest, lease, table);
                    }
                    if (!census.of(digest).problem().isEmpty()) {
                        throw new PluralityException(
                                FailureKind.STORAGE,
                                census.of(digest).problem(),
                                "look at that directory, or ask who owns the cache");
                    }
                }
            }
            if (!json) {
                table.print(session.out());
            }
            return 0;
        }

        private Census census(Cache cache, Settings settings) throws PluralityException {
            List<Digest> wanted = new ArrayList<>();
            Inventory inventory = new Inventory(List.of(cache.layout().root()));
            for (String image : images) {
                wanted.add(inventory
                        .find(image, settings.platform())
                        .entry()
                        .document()
                        .digest());
            }
            LeaseKeeper keeper = ExpiryGraph.keeper(cache, settings);
            return keeper.census(images.isEmpty() ? Holding.leased(cache) : wanted, Instant.now());
        }

        private void print(Cache cache, Digest digest, JudgedLease lease, Table table) throws PluralityException {
            if (!json) {
                table.row(
                        lease.found().id().value(),
                        digest.abbreviated(),
                        Users.name(lease.found()),
                        lease.holds() ? "yes" : "no",
                        Printable.line(lease.why()));
                return;
            }
            JsonOutput.print(session.out(), out -> {
                out.writeStringField("id", lease.found().id().value());
                out.writeStringField("digest", digest.toString());
                out.writeStringField("cache", cache.layout().root().toString());
                out.writeStringField("user", Users.name(lease.found()));
                out.writeNumberField("uid", lease.found().uid());
                out.writeBooleanField("holds", lease.holds());
                out.writeStringField("why", Printable.line(lease.why()));
                out.writeStringField("modified", lease.found().modified().toString());
            });
        }
    }
}
