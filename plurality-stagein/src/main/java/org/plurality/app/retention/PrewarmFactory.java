// SPDX-License-Identifier: Apache-2.0
package org.plurality.app.retention;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.plurality.app.Session;
import org.plurality.app.pull.LoggedPuller;
import org.plurality.app.pull.PullerFactory;
import org.plurality.app.pull.UnpackSettings;
import org.plurality.cache.RootfsKind;
import org.plurality.config.Settings;
import org.plurality.display.Progress;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.pull.PullRequest;
import org.plurality.pull.PullResult;
import org.plurality.retention.prewarm.Prewarm;
import org.plurality.retention.prewarm.PrewarmList;
import org.plurality.retention.prewarm.WantedImage;
import org.plurality.unpack.squashfs.SquashfsTools;

/** Puts a prewarm together from settings. */
public final class PrewarmFactory {
    private final Session session;
    private final Settings settings;
    private final boolean debug;
    private final String shown;

    /** @param shown how progress is */
    public PrewarmFactory(Session session, Settings settings, boolean debug, String shown) {
        this.session = session;
        this.settings = settings;
        this.debug = debug;
        this.shown = shown;
    }

    /**
     * @param staged is told of each image that is there now
     * @param failures of each that is not
     */
    public Prewarm.Outcome run(Path file, Consumer<PullResult> staged, Consumer<PluralityException> failures)
            throws PluralityException {
        List<WantedImage> wanted = PrewarmList.read(file, settings.platform());
        UnpackSettings unpacking = new UnpackSettings(settings, SquashfsTools.of(session.environment()));
        try (PullerFactory graph = new PullerFactory(settings, session, debug)) {
            LoggedPuller puller = LoggedPuller.of(graph, unpacking, settings);
            // Of the cache that is there now.
            RootfsKind usual = unpacking.kind(settings.cache());
            for (WantedImage image : wanted) {
                kind(image, usual);
            }
            return new Prewarm(
                            image -> {
                                PullResult result = pull(puller, image, kind(image, usual));
                                staged.accept(result);
                                return result.alreadyPresent();
                            },
                            failures)
                    .run(wanted);
        }
    }

    private PullResult pull(LoggedPuller puller, WantedImage image, RootfsKind kind) throws PluralityException {
        try (Progress progress = session.progress(shown)) {
            PullRequest request = new PullRequest(image.source(), null, image.platform(), kind);
            try {
                return puller.pull(request, image.pin(), null, progress);
            } catch (PluralityException e) {
                progress.failed(e);
                throw e;
            }
        }
    }

    private static RootfsKind kind(WantedImage image, RootfsKind usual) throws PluralityException {
        return switch (image.format()) {
            case "auto" -> usual;
            case "dir" -> RootfsKind.DIR;
            case "squashfs" -> RootfsKind.SQUASHFS;
            default ->
                throw new PluralityException(
                        FailureKind.USAGE,
                        "cannot stage in " + image.source() + ": '" + image.format() + "' is no format",
                        "write dir, squashfs or auto in the list");
        };
    }
}
