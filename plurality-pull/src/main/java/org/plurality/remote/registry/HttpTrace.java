// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import okhttp3.HttpUrl;

/**
 * Told of what the user should know, and of each exchange: method, URL without query, status or failure. Never of
 * headers or bodies, where secrets are.
 */
@FunctionalInterface
public interface HttpTrace {
    void line(String line);

    /** Something that the user should know, as one sentence without a full stop; no secret is in it. */
    default void note(String note) {}

    /** Hears nothing. */
    HttpTrace NONE = line -> {};

    default void exchange(String method, HttpUrl url, int status, long nanos) {
        line(method + " " + Origin.shown(url) + " -> " + status + " in " + nanos / 1_000_000 + " ms");
    }
}
