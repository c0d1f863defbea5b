// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/**
 * Reads many small files: on a network filesystem each waits for a server, and parsing has use for a second processor. Threads only where
 * there is much to read, so that a start that looks at a few does not pay for them.
 */
public final class ParallelReads {
    /** At once: what one host may ask of a metadata server. */
    private static final int THREADS = 8;

    /** Below this many the calling thread reads alone. */
    private static final int MANY = 256;

    private ParallelReads() {}

    /** Reads one. Called by several threads. */
    @FunctionalInterface
    public interface Reading<T, R> {
        R read(T item) throws PluralityException;
    }

    /**
     * What was read of each, in the order of the items.
     *
     * @throws PluralityException what the first reading to fail threw; the rest is left then. (INTERRUPTED) when the calling thread was interrupted
     */
    public static <T, R> List<R> of(List<T> items, Reading<? super T, ? extends R> reading) throws PluralityException {
        if (items.size() < MANY) {
            List<R> read = new ArrayList<>(items.size());
            for (T item : items) {
                read.add(reading.read(item));
            }
            return read;
        }
        return new Crowd<T, R>(items, reading).read();
    }

    private static final class Crowd<T, R> {
        private final List<T> items;
        private final Reading<? super T, ? extends R> reading;
        private final Object[] read;
        private final AtomicInteger next = new AtomicInteger();
        private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

        Crowd(List<T> items, Reading<? super T, ? extends R> reading) {
            this.items = items;
            this.reading = reading;
            this.read = new Object[items.size()];
        }

        List<R> read() throws PluralityException {
            List<Thread> threads = new ArrayList<>();
            for (int i = 1; i < THREADS; i++) {
                threads.add(Thread.ofPlatform().daemon().name("reads-" + i).start(this::work));
            }
            work();
            for (Thread thread : threads) {
                await(thread);
            }
            switch (failures.peek()) {
                case null -> {}
                case PluralityException e -> throw e;
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case Throwable e -> throw new IllegalStateException(e);
            }
            @SuppressWarnings("unchecked") // only R was put there
            List<R> all = (List<R>) Arrays.asList(read);
            return all;
        }

        private void await(Thread thread) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                failures.add(new PluralityException(
                        FailureKind.INTERRUPTED, "cannot go on reading the cache: interrupted", "run it again"));
                Thread.currentThread().interrupt();
            }
        }

        private void work() {
            try {
                for (int i = next.getAndIncrement();
                        i < read.length && failures.isEmpty();
                        i = next.getAndIncrement()) {
                    read[i] = reading.read(items.get(i));
                }
            } catch (PluralityException | RuntimeException | Error e) {
                failures.add(e);
            }
        }
    }
}
