// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli.images;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.plurality.app.Session;
import org.plurality.app.retention.ExpiryFactory;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.arguments.Flag;
import org.plurality.arguments.Parameter;
import org.plurality.arguments.Value;
import org.plurality.arguments.Values;
import org.plurality.cache.Cache;
import org.plurality.cli.common.CommonOptions;
import org.plurality.cli.common.HolderOptions;
import org.plurality.cli.common.JsonOutput;
import org.plurality.cli.common.Users;
import org.plurality.config.Settings;
import org.plurality.display.Table;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.failure.Printable;
import org.plurality.lease.Holder;
import org.plurality.lease.LeaseId;
import org.plurality.reference.Digest;
import org.plurality.retention.inventory.Holding;
import org.plurality.retention.inventory.Image;
import org.plurality.retention.inventory.Inventory;
import org.plurality.retention.leases.JudgedLease;
import org.plurality.retention.leases.LeaseKeeper;
import org.plurality.retention.leases.LeaseSnapshot;

/** The commands of leases. */
public final class LeaseCommand {
    private LeaseCommand() {}

    public static final class Add implements Command {
        private final Arguments arguments = new Arguments(
                "add",
                "Takes a lease on images and prints its id. Inside a job it is the job's unless said otherwise.");
        private final CommonOptions common = new CommonOptions(arguments);
        private final HolderOptions holders = new HolderOptions(arguments);
        private final Values images = arguments.parameters(1, "IMAGE", "References, digests, or their beginnings.");
        private final Value<String> id = arguments.option("--id", "ID", "Its name, to renew and release it by.");
        private final Flag json = arguments.flag("--json", "Print one JSON object for each image.");

        private final Session session;

        public Add(Session session) {
            this.session = session;
        }

        @Override
        public Arguments arguments() {
            return arguments;
        }

        @Override
        public Integer call() throws PluralityException {
            Settings settings = common.settings(session.environment());
            Inventory inventory = new Inventory(common.caches(settings));
            LeaseId wanted = id.get() == null ? null : HolderOptions.id(id.get());
            for (String text : images.get()) {
                Image image = inventory.find(text, settings.platform());
                Holder holder = holders.holder(wanted, session.environment(), Holding.now(image));
                wanted = wanted == null ? HolderOptions.usualId(holder) : wanted;
                LeaseId taken = Holding.take(image, wanted, holder);
                Digest digest = image.entry().document().digest();
                if (json.isGiven()) {
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

    public static final class Renew implements Command {
        private final Arguments arguments =
                new Arguments("renew", "Says anew for how long a lease lives, on all images that it is on.");
        private final CommonOptions common = new CommonOptions(arguments);
        private final HolderOptions holders = new HolderOptions(arguments);
        private final Parameter<String> id = arguments.parameter("ID", "Of the lease.");

        private final Session session;

        public Renew(Session session) {
            this.session = session;
        }

        @Override
        public Arguments arguments() {
            return arguments;
        }

        @Override
        public Integer call() throws PluralityException {
            Settings settings = common.settings(session.environment());
            LeaseId lease = HolderOptions.id(id.get());
            Holding holding = new Holding(common.caches(settings));
            Holder holder = holders.holder(lease, session.environment(), holding.now(lease));
            for (Holding.Held held : holding.renew(lease, holder)) {
                session.out().println(held.id() + " " + held.digest());
            }
            return 0;
        }
    }

    public static final class Release implements Command {
        private final Arguments arguments =
                new Arguments("release", "Ends leases: their images may go. The same again says that there is none.");
        private final CommonOptions common = new CommonOptions(arguments);
        private final Values ids = arguments.parameters(1, "ID", "Of the leases.");

        private final Session session;

        public Release(Session session) {
            this.session = session;
        }

        @Override
        public Arguments arguments() {
            return arguments;
        }

        @Override
        public Integer call() throws PluralityException {
            Settings settings = common.settings(session.environment());
            Holding holding = new Holding(common.caches(settings));
            for (String id : ids.get()) {
                for (Holding.Held held : holding.release(HolderOptions.id(id))) {
                    session.out().println(held.id() + " " + held.digest());
                }
            }
            return 0;
        }
    }

    public static final class ListLeases implements Command {
        private final Arguments arguments = new Arguments(
                "list", "Lists leases and whether they hold: asks the schedulers, and this host about its processes.");
        private final CommonOptions common = new CommonOptions(arguments);
        private final Values images = arguments.parameters(0, "IMAGE", "Only of these.");
        private final Flag json = arguments.flag("--json", "Print one JSON object for each lease.");

        private final Session session;

        public ListLeases(Session session) {
            this.session = session;
        }

        @Override
        public Arguments arguments() {
            return arguments;
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
                LeaseSnapshot census = census(cache, settings);
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
            if (!json.isGiven()) {
                table.print(session.out());
            }
            return 0;
        }

        private LeaseSnapshot census(Cache cache, Settings settings) throws PluralityException {
            List<Digest> wanted = new ArrayList<>();
            Inventory inventory = new Inventory(List.of(cache.layout().root()));
            for (String image : images.get()) {
                wanted.add(inventory
                        .find(image, settings.platform())
                        .entry()
                        .document()
                        .digest());
            }
            LeaseKeeper keeper = ExpiryFactory.keeper(cache, settings);
            return keeper.census(
                    images.get().isEmpty() ? Holding.leased(cache) : wanted, ExpiryFactory.now(cache, session.err()));
        }

        private void print(Cache cache, Digest digest, JudgedLease lease, Table table) throws PluralityException {
            if (!json.isGiven()) {
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
