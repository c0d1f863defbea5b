package org.plurality.registry;

import okhttp3.HttpUrl;

/** Told of each exchange: method, URL without query, status or failure. Never of headers or bodies, where secrets are. */
@FunctionalInterface
public interface HttpTrace {
    void line(String line);

    /** Hears nothing. */
    HttpTrace NONE = line -> {};

    default void exchange(String method, HttpUrl url, int status, long nanos) {
        line(method + " " + Origin.shown(url) + " -> " + status + " in " + nanos / 1_000_000 + " ms");
    }
}
