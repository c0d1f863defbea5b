package org.plurality.lock;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.plurality.cache.CacheLayout;
import org.plurality.cache.DurableFiles;
import org.plurality.cache.InheritedAccess;
import org.plurality.cache.ServerClock;
import org.plurality.cache.SmallFile;
import org.plurality.cache.UnixFile;
import org.plurality.failure.PluralityException;
import org.plurality.json.JsonObject;
import org.plurality.process.ProcessIdentity;

/**
 * A lock that is a file, held while its owner rewrites it.
 *
 * <p>The owner rewrites it every {@link #BEAT}, so that the server's modification time says that it lives. Once it has stood still for
 * {@link #STALE}, or its owner is known to have ended on this host, anybody may take it over by renaming it away: one of them wins. A
 * process that was stopped for longer than that goes on without knowing that it lost the lock, so nothing may depend on holding it.
 */
public final class HeartbeatLock implements AutoCloseable {
    static final Duration BEAT = Duration.ofSeconds(5);
    static final Duration STALE = Duration.ofSeconds(45);

    private final Path file;
    private final byte[] content;
    private final String nonce;
    private final ScheduledExecutorService heart;

    private HeartbeatLock(Path file, byte[] content, String nonce) {
        this.file = file;
        this.content = content;
        this.nonce = nonce;
        this.heart = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("lock-heartbeat").factory());
        var _ = heart.scheduleWithFixedDelay(this::beat, BEAT.toMillis(), BEAT.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * Who holds a lock: what waiting callers show.
     *
     * @param what they do, in the owner's words; empty when they say nothing
     * @param since by the owner's clock: to show
     */
    public record Owner(String nonce, ProcessIdentity process, String user, String what, Instant since) {}

    /**
     * A lock as it is.
     *
     * @param heartbeat age of the last one, by the server's clock
     * @param isStale whether anybody may take it over
     */
    public record Held(Owner owner, Duration heartbeat, boolean isStale) {}

    /** How the lock of that name stands; empty when nobody holds it, or it cannot be read at this moment. */
    public static Optional<Held> look(CacheLayout layout, String name, Instant now) {
        Path file = layout.locks().resolve(name + ".json");
        try {
            Owner owner = read(file);
            Duration age = Duration.between(
                    Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toInstant(), now);
            boolean hasEnded = owner.process().liveness() == ProcessIdentity.Liveness.ENDED;
            return Optional.of(
                    new Held(owner, age.isNegative() ? Duration.ZERO : age, hasEnded || age.compareTo(STALE) > 0));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Tries once.
     *
     * @param name of what is locked; letters, digits and {@code . _ -}
     * @return empty when another process holds it; a lock that went stale and that this user may not remove counts as held by the caller
     * @throws PluralityException (STORAGE) when lock files cannot be made there
     */
    public static Optional<HeartbeatLock> tryAcquire(CacheLayout layout, String name) throws PluralityException {
        return tryAcquire(layout, name, "");
    }

    /** @param what is done meanwhile, for those who ask */
    public static Optional<HeartbeatLock> tryAcquire(CacheLayout layout, String name, String what)
            throws PluralityException {
        Path file = layout.locks().resolve(name + ".json");
        String nonce = UUID.randomUUID().toString();
        try {
            byte[] content = document(nonce, what);
            for (int attempt = 0; attempt < 2; attempt++) {
                try {
                    make(file, content);
                    return Optional.of(new HeartbeatLock(file, content, nonce));
                } catch (FileAlreadyExistsException e) {
                    if (!isStale(layout, file)) {
                        return Optional.empty();
                    }
                    if (!takeAway(layout, file, nonce)) {
                        // Another user's, in a directory with the sticky bit: better double work than none.
                        return Optional.of(new HeartbeatLock(file, content, nonce));
                    }
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw PluralityException.storage("cannot make the lock " + file, e);
        }
    }

    /** Who holds the lock of that name; empty when nobody does or it cannot be read at this moment. */
    public static Optional<Owner> owner(CacheLayout layout, String name) {
        try {
            return Optional.of(read(layout.locks().resolve(name + ".json")));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Removes a lock that anybody might take over.
     *
     * @return whether it was one, and nobody has another by now
     */
    public static boolean removeIfStale(CacheLayout layout, Path file) throws IOException {
        return isStale(layout, file)
                && takeAway(layout, file, UUID.randomUUID().toString())
                && !Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }

    /** Releases it, unless somebody has taken it over meanwhile. */
    @Override
    public void close() {
        heart.shutdownNow();
        try {
            heart.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            if (read(file).nonce().equals(nonce)) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            // It goes stale by itself.
        }
    }

    private void beat() {
        try {
            if (read(file).nonce().equals(nonce)) {
                Files.write(file, content, StandardOpenOption.WRITE);
            }
        } catch (IOException e) {
            // A missed beat: the next one may do; if none does, another process takes over.
        }
    }

    private static boolean isStale(CacheLayout layout, Path file) throws IOException {
        try {
            if (read(file).process().liveness() == ProcessIdentity.Liveness.ENDED) {
                return true;
            }
        } catch (NoSuchFileException e) {
            return true;
        } catch (IOException e) {
            // Being written at this moment, or its writer died in the middle: by age, below.
        }
        try {
            UnixFile found = UnixFile.of(file);
            if (!found.isRegular()) {
                // Nobody's lock: somebody else who may write there has put it in the way.
                return true;
            }
            Instant now = new ServerClock(layout.tmp()).now();
            return Duration.between(found.modified(), now).compareTo(STALE) > 0;
        } catch (NoSuchFileException e) {
            return true;
        }
    }

    /** A disk that is full has room for an empty file: nobody could tell whose lock that is, and all would wait until it is old. */
    private static void make(Path file, byte[] content) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            try {
                ByteBuffer buffer = ByteBuffer.wrap(content);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                InheritedAccess.shareFile(file);
            } catch (NoSuchFileException e) {
                // Taken away by one who takes it for its predecessor, and puts it back.
            } catch (IOException e) {
                Files.deleteIfExists(file);
                throw e;
            }
        }
    }

    /**
     * Renaming first means that only one process removes it. Others may have been faster all the way: what was renamed is looked at, and put
     * back where it is their lock.
     *
     * @return false where it may not be removed
     */
    private static boolean takeAway(CacheLayout layout, Path file, String nonce) throws IOException {
        Path doomed = file.resolveSibling(file.getFileName() + "." + nonce);
        try {
            DurableFiles.rename(file, doomed);
        } catch (NoSuchFileException e) {
            // Somebody else took it away.
            return true;
        } catch (FileSystemException e) {
            return false;
        }
        if (!isStale(layout, doomed)) {
            DurableFiles.putBack(doomed, file);
        }
        try {
            Files.deleteIfExists(doomed);
        } catch (IOException e) {
            // A sweep finds it: it is as stale under that name.
        }
        return true;
    }

    private static byte[] document(String nonce, String what) throws IOException {
        ProcessIdentity self = ProcessIdentity.current();
        return JsonObject.write(json -> {
            json.writeStringField("nonce", nonce);
            self.write(json);
            json.writeStringField("user", System.getProperty("user.name", "?"));
            if (!what.isEmpty()) {
                json.writeStringField("what", what);
            }
            json.writeNumberField("sinceMillis", System.currentTimeMillis());
        });
    }

    private static Owner read(Path file) throws IOException {
        JsonObject json = JsonObject.parse(SmallFile.read(file));
        String what = json.optionalString("what");
        return new Owner(
                json.string("nonce"),
                ProcessIdentity.read(json),
                json.string("user"),
                what == null ? "" : what,
                Instant.ofEpochMilli(json.has("sinceMillis") ? json.number("sinceMillis") : 0));
    }
}
