// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli.images;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.plurality.app.Session;
import org.plurality.app.retention.ExpiryFactory;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.arguments.Flag;
import org.plurality.arguments.Values;
import org.plurality.cache.Cache;
import org.plurality.cache.CacheAccess;
import org.plurality.cache.CacheLayout;
import org.plurality.cli.common.CommonOptions;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.health.events.Event;
import org.plurality.health.events.EventLog;
import org.plurality.machine.Filesystem;
import org.plurality.retention.expiry.Pause;
import org.plurality.retention.expiry.StopSignal;
import org.plurality.retention.inventory.Inventory;
import org.plurality.retention.inventory.Removal;

public final class RemoveCommand implements Command {
    /** A launch that meets the image on its way out waits for it to be put back. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    private final Arguments arguments = new Arguments(
                    "rm",
                    "Removes images from the cache, and prints their digests. A tag of an image that has others is removed alone; a"
                            + " digest means the image with all of its tags. On a network filesystem it first waits"
                            + " expire_wait, until every host has forgotten them.")
            .alias("rmi");
    private final CommonOptions common = new CommonOptions(arguments);
    private final Values wanted =
            arguments.parameters(1, "IMAGE", "References, digests, or the beginnings of digests.");
    private final Flag force = arguments.flag("--force", "Also when a job or a pin holds it, and without a wait.");

    private final Session session;

    public RemoveCommand(Session session) {
        this.session = session;
    }

    @Override
    public Arguments arguments() {
        return arguments;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = common.settings(session.environment());
        Inventory inventory = new Inventory(List.of(settings.cache()));
        StopSignal stop = new StopSignal();
        stop.install();
        try {
            remove(inventory, settings, stop);
        } finally {
            stop.end();
        }
        return 0;
    }

    private void remove(Inventory inventory, Settings settings, Pause stop) throws PluralityException {
        CacheAccess.checkWhoRemoves(new CacheLayout(settings.cache()), "cannot remove images from");
        for (String text : wanted.get()) {
            Removal removal = removal(inventory, text, settings, stop);
            if (removal.remaining().isEmpty()) {
                new EventLog(new CacheLayout(settings.cache()), Clock.systemUTC())
                        .log(
                                Event.Kind.REMOVED,
                                removal.digest().toString(),
                                text,
                                0,
                                0,
                                force.isGiven() ? "--force" : "");
                session.out().println(removal.digest());
                if (!removal.isDeleted()) {
                    session.err()
                            .println(
                                    "programs on this host have some of its files open: the files are removed by an expiry"
                                            + " after these programs have ended");
                }
            } else {
                session.err().println(nameOnly(text, removal));
            }
        }
    }

    private Removal removal(Inventory inventory, String text, Settings settings, Pause stop) throws PluralityException {
        try {
            return inventory.remove(
                    text,
                    settings.platform(),
                    force.isGiven(),
                    cache -> ExpiryFactory.keeper(cache, settings),
                    (cache, look) -> wait(cache, settings, stop, look));
        } catch (PluralityException e) {
            if (e.kind() != FailureKind.NOT_FOUND) {
                throw e;
            }
            throw new PluralityException(
                    e.kind(),
                    e.getMessage(),
                    "'plurality-stagein list' shows what is there; a container of that name is removed by 'plurality delete "
                            + text + "'",
                    e);
        }
    }

    private static String nameOnly(String text, Removal removal) {
        List<String> names = new ArrayList<>();
        removal.remaining().forEach(name -> names.add(name.reference().toString()));
        return "removed the name " + text + " only: the image is still there as " + String.join(", ", names)
                + "; 'plurality-stagein rm " + removal.digest() + "' removes it with all of its names";
    }

    /** Only hosts that share the filesystem have names to forget. */
    private boolean wait(Cache cache, Settings settings, Pause stop, Inventory.Look look) throws PluralityException {
        Duration length = ExpiryFactory.wait(settings);
        Path root = cache.layout().root();
        try {
            if (length.isZero() || !Filesystem.of(root).isShared(settings.values(Key.SQUASHFS_FILESYSTEMS))) {
                return false;
            }
        } catch (IOException e) {
            throw PluralityException.storage("cannot tell what filesystem " + root + " is on", e);
        }
        session.err()
                .println("waiting " + length.toSeconds()
                        + " s, until every host has forgotten it; --force does not wait");
        for (Duration left = length; !left.isZero(); left = left.minus(least(left, LOOK_AGAIN))) {
            if (!stop.pause(least(left, LOOK_AGAIN))) {
                throw new PluralityException(
                        FailureKind.INTERRUPTED, "stopped before every host had forgotten it", "nothing is removed");
            }
            look.look();
        }
        return true;
    }

    private static Duration least(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
