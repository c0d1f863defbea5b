// SPDX-License-Identifier: Apache-2.0
package org.plurality.stepped;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs actors so that only one is under way at a time, and another may be at each {@link #step}. Equal seeds give equal orders, as far as the
 * actors do the same. Threads that are no actors are not held up.
 */
public final class Schedule {
    private static final ThreadLocal<@Nullable Actor> SELF = new ThreadLocal<>();

    private final Random random;
    private final int switchPercent;
    private final List<Actor> alive = new ArrayList<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final Semaphore allEnded = new Semaphore(0);
    private long steps;

    /** @param switchPercent how often another actor goes on at a step */
    public Schedule(long seed, int switchPercent) {
        this.random = new Random(seed);
        this.switchPercent = switchPercent;
    }

    /** What an actor does. */
    @FunctionalInterface
    public interface Act {
        void run() throws Exception;
    }

    private static final class Actor {
        private final Semaphore turn = new Semaphore(0);
    }

    /** Runs them all to their ends; throws what one of them threw first. */
    public void run(List<Act> acts) throws Exception {
        List<Thread> threads = new ArrayList<>();
        for (Act act : acts) {
            Actor actor = new Actor();
            alive.add(actor);
            threads.add(Thread.ofVirtual().unstarted(() -> play(actor, act)));
        }
        threads.forEach(Thread::start);
        next().turn.release();
        allEnded.acquire();
        for (Thread thread : threads) {
            thread.join();
        }
        Throwable thrown = failure.get();
        if (thrown != null) {
            throw new AssertionError(thrown.getMessage(), thrown);
        }
    }

    /** How many steps there were so far. */
    public long steps() {
        return steps;
    }

    /** A point at which another actor may go on. */
    public void step() {
        Actor actor = SELF.get();
        if (actor == null) {
            return;
        }
        steps++;
        if (random.nextInt(100) < switchPercent) {
            Actor next = next();
            if (next != actor) {
                next.turn.release();
                actor.turn.acquireUninterruptibly();
            }
        }
    }

    private Actor next() {
        return alive.get(random.nextInt(alive.size()));
    }

    private void play(Actor actor, Act act) {
        actor.turn.acquireUninterruptibly();
        SELF.set(actor);
        try {
            act.run();
        } catch (Exception | AssertionError e) {
            failure.compareAndSet(null, e);
        } finally {
            alive.remove(actor);
            if (alive.isEmpty()) {
                allEnded.release();
            } else {
                next().turn.release();
            }
        }
    }
}
