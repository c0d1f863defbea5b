// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What can be said of a container from this host. */
public sealed interface RunState {
    /** A word for lists. */
    String word();

    /** It has never run. */
    record Created() implements RunState {
        @Override
        public String word() {
            return "created";
        }
    }

    /**
     * It runs on this host.
     *
     * @param pid of its first process on the host; 0 while it starts
     * @param keeper pid of the runtime, or of what waits for it; 0 when that was killed
     */
    record Running(long pid, long keeper, boolean background, Instant since) implements RunState {
        @Override
        public String word() {
            return "running";
        }
    }

    /** It ran on another host when that was last heard of, or in another PID namespace of this one. */
    record Elsewhere(String host, Instant since) implements RunState {
        @Override
        public String word() {
            return "running on " + host;
        }
    }

    /**
     * It has run.
     *
     * @param status of the last run, or null: then nobody waited for it, as in the foreground of a terminal that is not the container's
     */
    record Exited(@Nullable Integer status) implements RunState {
        @Override
        public String word() {
            return status == null ? "exited" : "exited (" + status + ")";
        }
    }
}
