// SPDX-License-Identifier: Apache-2.0
package org.plurality.app.pull;

import ch.qos.logback.classic.Level;
import org.plurality.remote.registry.HttpTrace;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log of {@code --debug}. Made only then: to set up a log takes longer than a pull of what is there already. */
public final class DebugLog implements HttpTrace {
    private final Logger log = LoggerFactory.getLogger("org.plurality.http");

    public static HttpTrace when(boolean debug) {
        if (!debug) {
            return NONE;
        }
        if (LoggerFactory.getLogger("org.plurality") instanceof ch.qos.logback.classic.Logger ours) {
            ours.setLevel(Level.DEBUG);
        }
        return new DebugLog();
    }

    @Override
    public void line(String line) {
        log.debug("{}", line);
    }
}
