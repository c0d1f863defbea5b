// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.io.IOException;
import java.time.Instant;
import org.plurality.json.JsonObject;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;

/**
 * A file below {@code refs/}: what a reference stood for on one platform when it was resolved last. Replaced as a whole by one rename.
 *
 * @param reference the complete form
 * @param digest of the image manifest
 * @param resolvedAt by the clock of whoever resolved it: to show, never to decide
 */
public record ReferenceDocument(ImageReference reference, Platform platform, Digest digest, Instant resolvedAt) {

    static ReferenceDocument parse(byte[] document) throws IOException {
        JsonObject json = JsonObject.parse(document);
        try {
            return new ReferenceDocument(
                    ImageReference.parse(json.string("reference")),
                    Platform.parse(json.string("platform")),
                    Digest.parse(json.string("digest")),
                    Instant.ofEpochMilli(json.number("resolvedAtMillis")));
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    byte[] toJson() throws IOException {
        return JsonObject.write(json -> {
            json.writeNumberField("format", EntryDocument.FORMAT);
            json.writeStringField("reference", reference.toString());
            json.writeStringField("platform", platform.toString());
            json.writeStringField("digest", digest.toString());
            json.writeNumberField("resolvedAtMillis", resolvedAt.toEpochMilli());
        });
    }
}
