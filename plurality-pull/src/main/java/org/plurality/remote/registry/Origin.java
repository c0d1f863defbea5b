// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import java.util.Objects;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/** Scheme, host and port: whom credentials belong to. */
record Origin(String scheme, String host, int port) {
    static Origin of(HttpUrl url) {
        return new Origin(url.scheme(), url.host(), url.port());
    }

    /** Written out, as in image references: every pull compares these. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Origin that
                && scheme.equals(that.scheme)
                && host.equals(that.host)
                && port == that.port;
    }

    @Override
    public int hashCode() {
        return Objects.hash(scheme, host, port);
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
