// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.expiry;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * SIGTERM and Ctrl-C for passes over a cache: a wait ends, what is undecided is put back, and the JVM goes once the pass has ended or a few
 * seconds are over. Threads are not interrupted, because that would break the file operations that put things back.
 */
public final class StopSignal implements Pause {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    /** Registers with this JVM; once per process. */
    public void install() {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            ask();
                            try {
                                var _ = ended.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        },
                        "stop"));
    }

    public void ask() {
        asked.countDown();
    }

    public boolean isAsked() {
        return asked.getCount() == 0;
    }

    /** The last pass is over. */
    public void end() {
        ended.countDown();
    }

    @Override
    public boolean pause(Duration length) {
        try {
            return !asked.await(length.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Until somebody asks. */
    public void await() {
        try {
            asked.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
