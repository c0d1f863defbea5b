// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.Request;

/**
 * Ends a call whose answer does not come: after {@link RetryPolicy#window} while it connects and sends, after {@link
 * Patience#answer} once the server has the request, and again after the window from the answer's first byte to the end
 * of its head. A limit on each read is not enough: a head could come byte by byte.
 */
final class AnswerWait extends EventListener {
    private final Call call;
    private final RetryPolicy patience;
    private final ScheduledExecutorService clock;
    private Future<?> limit;
    private boolean isEnded;
    private boolean isSilent;
    private boolean isLate;

    AnswerWait(Call call, RetryPolicy patience, ScheduledExecutorService clock) {
        this.call = call;
        this.patience = patience;
        this.clock = clock;
        this.limit = schedule(patience.window(), false);
    }

    @Override
    public void requestHeadersEnd(Call same, Request request) {
        allow(patience.answer(), true);
    }

    @Override
    public void responseHeadersStart(Call same) {
        allow(patience.window(), false);
    }

    /** Called when the head is there, or the call failed. */
    synchronized void end() {
        isEnded = true;
        boolean _ = limit.cancel(false);
    }

    /** Returns what ended the call, in place of the exception that it threw. */
    synchronized IOException reason(IOException thrown) {
        if (!isLate) {
            return thrown;
        }
        return isSilent ? new NoAnswerException() : new SocketTimeoutException("no answer in time");
    }

    private synchronized void allow(Duration time, boolean silent) {
        if (!isEnded && !isLate) {
            boolean _ = limit.cancel(false);
            limit = schedule(time, silent);
        }
    }

    private Future<?> schedule(Duration time, boolean silent) {
        return clock.schedule(() -> expire(silent), time.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void expire(boolean silent) {
        synchronized (this) {
            if (isEnded) {
                return;
            }
            isLate = true;
            isSilent = silent;
        }
        call.cancel();
    }
}
