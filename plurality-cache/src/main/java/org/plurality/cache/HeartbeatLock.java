// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

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
import org.plurality.failure.PluralityException;
import org.plurality.json.JsonObject;
import org.plurality.process.ProcessIdentity;

/**
 * A lock that is a file, held as long as its owner rewrites it.
 *
 * <p>The owner rewrites the file every {@link #BEAT}, so its modification time, set by the server, shows that the
 * owner is alive. If the time has not changed for {@link #STALE}, or the owner is known to have ended on this host,
 * any process may take the lock over by renaming it away; exactly one of them succeeds. A process that was stopped for
 * longer than that continues without knowing that it lost the lock, so correctness must not depend on it.
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
     * The owner of a lock, shown to waiting callers.
     *
     * @param what the owner's description of its work; empty if it gave none
     * @param since by the owner's clock; only for display
     */
    public record Owner(String nonce, ProcessIdentity process, String user, String what, Instant since) {}

    /**
     * The state of a lock.
     *
     * @param heartbeat age of the last heartbeat, by the server's clock
     * @param isStale whether any process may take the lock over
     */
    public record Held(Owner owner, Duration heartbeat, boolean isStale) {}

    /**
     * Returns the state of the lock with that name; empty if no process holds it, or if it cannot be read at this
     * moment.
     */
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
     * Tries once to acquire a lock.
     *
     * @param name name of the locked object; letters, digits and {@code . _ -}
     * @return empty if another process holds it; a stale lock that this user may not remove counts as held by the
     *     caller
     * @throws PluralityException (STORAGE) if lock files cannot be created there
     */
    public static Optional<HeartbeatLock> tryAcquire(CacheLayout layout, String name) throws PluralityException {
        return tryAcquire(layout, name, "");
    }

    /** @param what description of the work, shown to waiting callers */
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
                        // The lock is another user's, in a directory with the sticky bit. Doing the work twice is
                        // better than never.
                        return Optional.of(new HeartbeatLock(file, content, nonce));
                    }
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw PluralityException.storage("cannot make the lock " + file, e);
        }
    }

    /** Returns the owner of the lock with that name; empty if there is none or it cannot be read at this moment. */
    public static Optional<Owner> owner(CacheLayout layout, String name) {
        try {
            return Optional.of(read(layout.locks().resolve(name + ".json")));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Removes a lock that any process may take over.
     *
     * @return true if it was stale and no other process has acquired it since
     */
    public static boolean removeIfStale(CacheLayout layout, Path file) throws IOException {
        return isStale(layout, file)
                && takeAway(layout, file, UUID.randomUUID().toString())
                && !Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }

    /** Releases the lock, unless another process has taken it over. */
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
            // The lock becomes stale by itself.
        }
    }

    private void beat() {
        try {
            if (read(file).nonce().equals(nonce)) {
                Files.write(file, content, StandardOpenOption.WRITE);
            }
        } catch (IOException e) {
            // A missed heartbeat. The next one may succeed; otherwise another process takes over.
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
            // The file is being written, or its writer died: its age decides below.
        }
        try {
            FileStat found = FileStat.of(file);
            if (!found.isRegular()) {
                // Not a lock: another user with write access placed something there.
                return true;
            }
            Instant now = new ServerClock(layout.tmp()).now();
            return Duration.between(found.modified(), now).compareTo(STALE) > 0;
        } catch (NoSuchFileException e) {
            return true;
        }
    }

    /**
     * A full disk still has room for an empty file. Its owner would be unknown, and all callers would wait until it is
     * old.
     */
    private static void make(Path file, byte[] content) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            try {
                ByteBuffer buffer = ByteBuffer.wrap(content);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                CachePermissions.shareFile(file);
            } catch (NoSuchFileException e) {
                // Another process mistook this file for its predecessor and removed it; that process puts it back.
            } catch (IOException e) {
                Files.deleteIfExists(file);
                throw e;
            }
        }
    }

    /**
     * Renames before deleting, so that only one process removes the file. Others may have been faster, so the renamed
     * file is checked, and restored if it is their lock.
     *
     * @return false if this user may not remove it
     */
    private static boolean takeAway(CacheLayout layout, Path file, String nonce) throws IOException {
        Path doomed = file.resolveSibling(file.getFileName() + "." + nonce);
        try {
            DurableFiles.rename(file, doomed);
        } catch (NoSuchFileException e) {
            // Another process removed it.
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
            // A sweep finds it: it is equally stale under that name.
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
        JsonObject json = JsonObject.parse(BoundedFile.read(file));
        String what = json.optionalString("what");
        return new Owner(
                json.string("nonce"),
                ProcessIdentity.read(json),
                json.string("user"),
                what == null ? "" : what,
                Instant.ofEpochMilli(json.has("sinceMillis") ? json.number("sinceMillis") : 0));
    }
}
