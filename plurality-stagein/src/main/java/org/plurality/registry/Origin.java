package org.plurality.registry;

import okhttp3.HttpUrl;

/** Scheme, host and port: whom credentials belong to. */
record Origin(String scheme, String host, int port) {
    static Origin of(HttpUrl url) {
        return new Origin(url.scheme(), url.host(), url.port());
    }

    /** A URL for people: without query and user, where tokens and signatures stand. */
    static String shown(HttpUrl url) {
        return url.newBuilder()
                .username("")
                .password("")
                .query(null)
                .fragment(null)
                .build()
                .toString();
    }
}
