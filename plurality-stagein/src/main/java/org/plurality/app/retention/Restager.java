// SPDX-License-Identifier: Apache-2.0
package org.plurality.app.retention;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.plurality.app.Session;
import org.plurality.app.pull.PullerFactory;
import org.plurality.app.pull.UnpackSettings;
import org.plurality.cache.Cache;
import org.plurality.cache.CacheLayout;
import org.plurality.cache.EntryDocument;
import org.plurality.cache.ReferenceDocument;
import org.plurality.cache.RootfsKind;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.display.Progress;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.health.events.Event;
import org.plurality.health.events.EventLog;
import org.plurality.health.verification.VerificationMarks;
import org.plurality.health.verification.Verified;
import org.plurality.image.ImageSource;
import org.plurality.pull.PullRequest;
import org.plurality.pull.Puller;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;
import org.plurality.unpack.squashfs.SquashfsTools;

/** Stages damaged images in again, from the registries that their names say, in the form that they had. */
public final class Restager implements AutoCloseable {
    private final Cache cache;
    private final Settings settings;
    private final Session session;
    private final PullerFactory graph;
    private final Puller puller;

    public Restager(Cache cache, Settings settings, Session session, boolean debug) throws PluralityException {
        this.cache = cache;
        this.settings = settings.with(Key.CACHE, cache.layout().root().toString());
        this.session = session;
        this.graph = new PullerFactory(this.settings, session, debug);
        this.puller = graph.puller(new UnpackSettings(this.settings, SquashfsTools.of(session.environment())));
    }

    @Override
    public void close() {
        graph.close();
    }

    /** @throws PluralityException when no name leads to it, the last one's reason */
    public void restage(Verified damaged) throws PluralityException {
        Digest digest = damaged.digest();
        Set<ImageReference> names = new LinkedHashSet<>();
        Platform platform = settings.platform();
        for (ReferenceDocument reference : cache.references()) {
            if (reference.digest().equals(digest)) {
                names.add(reference.reference());
                platform = reference.platform();
            }
        }
        for (String name : damaged.document().map(EntryDocument::references).orElse(List.of())) {
            try {
                names.add(ImageReference.parse(name));
            } catch (IllegalArgumentException e) {
                // Damaged, too.
            }
        }
        if (damaged.document().isPresent()) {
            platform = damaged.document().get().platform();
        }
        PluralityException last = new PluralityException(
                FailureKind.NOT_FOUND,
                "cannot stage in " + digest + " again: it has no name",
                "remove it with 'plurality-stagein rm " + digest + "' and pull it from where it came from");
        for (ImageReference name : names) {
            try {
                restage(damaged, name, platform, new ArrayList<>(names));
                return;
            } catch (PluralityException e) {
                if (e.kind() == FailureKind.STORAGE || e.kind() == FailureKind.INTERRUPTED) {
                    throw e;
                }
                last = new PluralityException(
                        e.kind(),
                        "cannot stage in " + digest + " again: " + e.getMessage(),
                        "where it did not come from a registry, remove it with 'plurality-stagein rm' and pull it anew",
                        e);
            }
        }
        throw last;
    }

    private void restage(Verified damaged, ImageReference name, Platform platform, List<ImageReference> names)
            throws PluralityException {
        Digest digest = damaged.digest();
        PullRequest request =
                new PullRequest(new ImageSource.InRegistry(name.withDigest(digest)), null, platform, kind(damaged));
        Clock clock = Clock.systemUTC();
        long began = clock.millis();
        boolean isDone;
        try (Progress progress = session.progress(false)) {
            isDone = puller.restage(request, names, digest, damaged.publication(), progress);
        }
        if (isDone) {
            new VerificationMarks(cache.layout()).forget(digest);
            new EventLog(cache.layout(), clock)
                    .log(
                            Event.Kind.REPAIRED,
                            digest.toString(),
                            name.toString(),
                            0,
                            clock.millis() - began,
                            damaged.summary());
        }
    }

    /** What runs from it expects it so. */
    private RootfsKind kind(Verified damaged) {
        if (damaged.document().isPresent()) {
            return damaged.document().get().kind();
        }
        CacheLayout layout = cache.layout();
        boolean isFile = Files.exists(
                layout.rootfs(layout.image(damaged.digest()), RootfsKind.SQUASHFS), LinkOption.NOFOLLOW_LINKS);
        return isFile ? RootfsKind.SQUASHFS : RootfsKind.DIR;
    }
}
