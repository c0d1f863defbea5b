// SPDX-License-Identifier: Apache-2.0
package org.plurality.jobs;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;

/**
 * Bounds how many things are done at once, for one user and for all. Who comes first is first. A user who has
 * taken all of
 * their places waits without keeping others from theirs.
 */
final class SpoolLayout {
    private final int perUser;
    private final Semaphore inAll;
    private final Map<String, Semaphore> ofUsers = new HashMap<>();

    SpoolLayout(int perUser, int inAll) {
        this.perUser = perUser;
        this.inAll = new Semaphore(Math.max(inAll, 1), true);
    }

    /** Something that is done at a place. */
    interface Work {
        void run() throws java.io.IOException, InterruptedException;
    }

    /** Waits for a place, and runs the work there. */
    void in(String user, Work work) throws java.io.IOException, InterruptedException {
        Semaphore own = of(user);
        own.acquire();
        try {
            inAll.acquire();
            try {
                work.run();
            } finally {
                inAll.release();
            }
        } finally {
            own.release();
        }
    }

    private synchronized Semaphore of(String user) {
        return ofUsers.computeIfAbsent(user, any -> new Semaphore(perUser, true));
    }
}
