// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.status;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.plurality.cache.Cache;
import org.plurality.cache.Entry;
import org.plurality.cache.HeartbeatLock;
import org.plurality.cache.ReferenceDocument;
import org.plurality.cache.ServerClock;
import org.plurality.failure.PluralityException;
import org.plurality.health.events.Event;
import org.plurality.health.events.EventLog;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;

/**
 * Determines the state of one image in one cache. Cost: one read for the name, one for each image being staged in, and
 * the whole log.
 */
public final class ImageStatus {
    private static final String PULL = "pull-";
    private static final String SUFFIX = ".json";

    private final Cache cache;

    public ImageStatus(Cache cache) {
        this.cache = cache;
    }

    /** The state of an image. */
    public enum State {
        /** It can be run. */
        STAGED("staged"),
        /** A process stages it in. */
        STAGING("staging"),
        /** A process that staged it in died; the next pull takes over. */
        ABANDONED("abandoned"),
        /** The last pull failed. */
        FAILED("failed"),
        /** It was staged in, and was removed. */
        GONE("gone"),
        /** This cache knows of no request for it. */
        UNKNOWN("unknown");

        private final String label;

        State(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }
    }

    /**
     * The state of an image and its reasons.
     *
     * @param entry the entry that the name refers to
     * @param recorded what the name referred to when a registry was last asked
     * @param flights pulls of this image that are in progress
     * @param earlier images in the cache that the name referred to earlier
     * @param lastError error of the last pull, if no pull has succeeded since
     * @param last the image's last event
     */
    public record Answer(
            State state,
            Optional<Entry> entry,
            Optional<ReferenceDocument> recorded,
            List<PullInProgress> flights,
            List<Entry> earlier,
            Optional<Event> lastError,
            Optional<Event> last) {}

    /** @param text a reference, a digest, or the beginning of a digest that is in the cache */
    public Answer of(String text, Platform platform) throws PluralityException {
        Optional<ImageReference> name = reference(text);
        Optional<ReferenceDocument> recorded =
                name.isPresent() ? cache.resolve(name.get(), platform) : Optional.empty();
        Optional<Digest> digest = digest(text)
                .or(() -> recorded.map(ReferenceDocument::digest))
                .or(() -> name.map(ImageReference::digest));
        Optional<Entry> entry = digest.isPresent() ? cache.find(digest.get()) : Optional.empty();
        List<PullInProgress> flights = flights(name, digest);
        Happened happened = happened(name, digest);
        return new Answer(
                state(entry, flights, happened),
                entry,
                recorded,
                flights,
                name.isPresent() ? earlier(name.get(), platform, digest) : List.of(),
                Optional.ofNullable(happened.error),
                Optional.ofNullable(happened.last));
    }

    private static State state(Optional<Entry> entry, List<PullInProgress> flights, Happened happened) {
        if (entry.isPresent()) {
            return State.STAGED;
        }
        if (flights.stream().anyMatch(flight -> !flight.lock().isStale())) {
            return State.STAGING;
        }
        if (!flights.isEmpty()) {
            return State.ABANDONED;
        }
        if (happened.error != null) {
            return State.FAILED;
        }
        return happened.last != null ? State.GONE : State.UNKNOWN;
    }

    private List<PullInProgress> flights(Optional<ImageReference> name, Optional<Digest> digest)
            throws PluralityException {
        List<PullInProgress> flights = new ArrayList<>();
        try (DirectoryStream<Path> locks =
                Files.newDirectoryStream(cache.layout().locks(), PULL + "*" + SUFFIX)) {
            Instant now = now();
            for (Path file : locks) {
                String lock = String.valueOf(file.getFileName());
                lock = lock.substring(0, lock.length() - SUFFIX.length());
                Optional<Digest> of = digest(lock.substring(PULL.length()));
                Optional<HeartbeatLock.Held> held = HeartbeatLock.look(cache.layout(), lock, now);
                if (of.isPresent()
                        && held.isPresent()
                        && (of.equals(digest)
                                || (name.isPresent() && isOf(held.get().owner().what(), name.get())))) {
                    flights.add(new PullInProgress(of.get(), held.get()));
                }
            }
        } catch (NoSuchFileException e) {
            return flights;
        } catch (DirectoryIteratorException e) {
            throw PluralityException.storage("cannot read " + cache.layout().locks(), new IOException(e));
        } catch (IOException e) {
            throw PluralityException.storage("cannot read " + cache.layout().locks(), e);
        }
        return flights;
    }

    /** Returns the server's time; this host's time if this user may not write to the cache. */
    private Instant now() {
        try {
            return new ServerClock(cache.layout().tmp()).now();
        } catch (IOException e) {
            return Instant.now();
        }
    }

    private List<Entry> earlier(ImageReference name, Platform platform, Optional<Digest> now)
            throws PluralityException {
        List<Entry> earlier = new ArrayList<>();
        for (Digest digest : cache.digests()) {
            try {
                Optional<Entry> entry = cache.find(digest);
                if (entry.isPresent()
                        && !Optional.of(digest).equals(now)
                        && entry.get().document().platform().equals(platform)
                        && entry.get().document().references().contains(name.toString())) {
                    earlier.add(entry.get());
                }
            } catch (PluralityException e) {
                // The document is damaged; {@code verify} reports that.
            }
        }
        return earlier;
    }

    private static final class Happened {
        private @Nullable Event error;
        private @Nullable Event last;
    }

    private Happened happened(Optional<ImageReference> name, Optional<Digest> digest) throws PluralityException {
        Happened happened = new Happened();
        Set<String> wellDone = new HashSet<>(Set.of(Event.Kind.HIT.label(), Event.Kind.MISS.label()));
        try {
            new EventLog(cache.layout(), Clock.systemUTC()).read(event -> {
                boolean isIt = (name.isPresent() && isOf(event.reference(), name.get()))
                        || (digest.isPresent()
                                && event.digest().equals(digest.get().toString()));
                if (!isIt) {
                    return;
                }
                happened.last = event;
                if (event.event().equals(Event.Kind.PULL_FAILED.label())) {
                    happened.error = event;
                } else if (wellDone.contains(event.event())) {
                    happened.error = null;
                }
            });
        } catch (IOException e) {
            throw PluralityException.storage("cannot read " + cache.layout().log(), e);
        }
        return happened;
    }

    private static boolean isOf(String text, ImageReference name) {
        return !text.isEmpty()
                && (text.equals(name.toString()) || reference(text).equals(Optional.of(name)));
    }

    private static Optional<ImageReference> reference(String text) {
        String rest = text.startsWith("docker://") ? text.substring("docker://".length()) : text;
        try {
            return Optional.of(ImageReference.parse(rest));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Parses a whole digest, with or without its algorithm. */
    private static Optional<Digest> digest(String text) {
        try {
            return Optional.of(Digest.parse(text));
        } catch (IllegalArgumentException e) {
            for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
                try {
                    return Optional.of(new Digest(algorithm, text));
                } catch (IllegalArgumentException other) {
                    // Not a digest's name.
                }
            }
            return Optional.empty();
        }
    }
}
