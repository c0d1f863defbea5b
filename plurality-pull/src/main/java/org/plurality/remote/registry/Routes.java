// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import okhttp3.HttpUrl;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;

/**
 * Builds the URLs of a repository's documents and blobs. No other class knows the API's routes.
 *
 * @param base root of the registry, {@code https://HOST[:PORT]/}
 */
record Routes(HttpUrl base, String repository) {
    private static final String HUB_API_HOST = "registry-1.docker.io";

    static Routes of(ImageReference reference, InsecureRegistries insecure) throws PluralityException {
        String registry = reference.registry();
        String host = registry.equals(ImageReference.DEFAULT_REGISTRY) ? HUB_API_HOST : registry;
        HttpUrl base = HttpUrl.parse((insecure.allow(registry) ? "http://" : "https://") + host + "/");
        if (base == null) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot use " + reference + ": '" + registry + "' is not a registry host",
                    "write it like registry.example.org/group/name:tag");
        }
        return new Routes(base, reference.repository());
    }

    /** Returns the route that tells whether the credentials are accepted. */
    HttpUrl ping() {
        return base.newBuilder().addPathSegment("v2").addPathSegment("").build();
    }

    HttpUrl manifest(String tagOrDigest) {
        return route("manifests", tagOrDigest);
    }

    HttpUrl blob(Digest digest) {
        return route("blobs", digest.toString());
    }

    /** Returns the route of the list of documents that refer to a manifest. */
    HttpUrl referrers(Digest manifest) {
        return route("referrers", manifest.toString());
    }

    /** Returns the scope that a token needs for a pull. */
    String pullScope() {
        return "repository:" + repository + ":pull";
    }

    private HttpUrl route(String kind, String last) {
        return base.newBuilder()
                .addPathSegment("v2")
                .addPathSegments(repository)
                .addPathSegment(kind)
                .addPathSegment(last)
                .build();
    }
}
