// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.plurality.json.JsonObject;
import org.plurality.json.JsonWriter;
import org.plurality.reference.Digest;

/**
 * {@code container.json}: what a container was made from. The container runs without it.
 *
 * @param image as the user named it
 * @param digest of the image manifest
 * @param cache whose entry an overlay lies on, and which holds the lease; null for a copy, which needs none
 * @param bytes of the root filesystem when it was made; 0 for an overlay
 * @param createdAt by the maker's clock, to show
 */
public record ContainerDocument(
        String image, Digest digest, @Nullable Path cache, long bytes, Instant createdAt)
        implements JsonObject.Members {
    private static final int FORMAT = 1;

    static ContainerDocument parse(byte[] document) throws IOException {
        JsonObject json = JsonObject.parse(document);
        if (json.number("format") != FORMAT) {
            throw new IOException("its format is " + json.number("format") + ", this version reads " + FORMAT);
        }
        String cache = json.optionalString("cache");
        try {
            return new ContainerDocument(
                    json.string("image"),
                    Digest.parse(json.string("digest")),
                    cache == null ? null : Path.of(cache),
                    json.number("bytes"),
                    Instant.ofEpochMilli(json.number("createdAtMillis")));
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    byte[] toJson() throws IOException {
        return JsonObject.write(this);
    }

    @Override
    public void write(JsonWriter json) throws IOException {
        json.writeNumberField("format", FORMAT);
        json.writeStringField("image", image);
        json.writeStringField("digest", digest.toString());
        if (cache != null) {
            json.writeStringField("cache", cache.toString());
        }
        json.writeNumberField("bytes", bytes);
        json.writeNumberField("createdAtMillis", createdAt.toEpochMilli());
    }
}
