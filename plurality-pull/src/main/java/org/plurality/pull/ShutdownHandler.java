// SPDX-License-Identifier: Apache-2.0
package org.plurality.pull;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Ctrl-C and SIGTERM: ends what is under way and waits for it to clean up after itself, for a while. The JVM then exits with 130 or 143.
 * What could not be cleaned in time goes with the next pull's sweep.
 */
public final class ShutdownHandler {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Set<Section> sections = ConcurrentHashMap.newKeySet();
    private volatile boolean asked;

    /** Registers with this JVM; once per process. */
    public void install() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::interrupt, "interruption"));
    }

    /** Whether the process is on its way out: nothing that fails now is worth a word. */
    public boolean isAsked() {
        return asked;
    }

    /** Begins something that must be ended and waited for. The calling thread is interrupted then. */
    Section begin(Runnable cancel) {
        Section section = new Section(Thread.currentThread(), cancel);
        sections.add(section);
        if (asked) {
            section.end();
        }
        return section;
    }

    void interrupt() {
        asked = true;
        sections.forEach(Section::end);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        synchronized (sections) {
            while (!sections.isEmpty()) {
                long millis = (deadline - System.nanoTime()) / 1_000_000;
                if (millis <= 0) {
                    return;
                }
                try {
                    sections.wait(millis);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }

    /** Something under way; closed once it has cleaned up. */
    final class Section implements AutoCloseable {
        private final Thread owner;
        private final Runnable cancel;

        private Section(Thread owner, Runnable cancel) {
            this.owner = owner;
            this.cancel = cancel;
        }

        private void end() {
            cancel.run();
            owner.interrupt();
        }

        @Override
        public void close() {
            synchronized (sections) {
                sections.remove(this);
                sections.notifyAll();
            }
        }
    }
}
