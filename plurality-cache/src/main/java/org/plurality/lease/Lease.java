// SPDX-License-Identifier: Apache-2.0
package org.plurality.lease;

import java.io.IOException;
import java.time.Instant;
import org.plurality.json.JsonObject;
import org.plurality.json.JsonWriter;
import org.plurality.reference.Digest;

/**
 * One file below {@code leases/DIGEST/}: a holder needs an image.
 *
 * @param digest of the image manifest
 * @param user who took it, to show
 * @param takenAt by the taker's clock: to show, never to decide
 */
public record Lease(LeaseId id, Digest digest, Holder holder, String user, Instant takenAt)
        implements JsonObject.Members {

    static Lease parse(LeaseId id, byte[] document) throws IOException {
        JsonObject json = JsonObject.parse(document);
        try {
            return new Lease(
                    id,
                    Digest.parse(json.string("digest")),
                    Holder.read(json.object("holder")),
                    json.string("user"),
                    Instant.ofEpochMilli(json.number("takenAtMillis")));
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    byte[] toJson() throws IOException {
        return JsonObject.write(this);
    }

    @Override
    public void write(JsonWriter json) throws IOException {
        json.writeNumberField("format", 1);
        json.writeStringField("digest", digest.toString());
        json.writeObjectFieldStart("holder");
        holder.write(json);
        json.writeEndObject();
        json.writeStringField("user", user);
        json.writeNumberField("takenAtMillis", takenAt.toEpochMilli());
    }
}
