// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli.common;

import java.io.IOException;
import java.io.PrintStream;
import org.plurality.cache.ReferenceDocument;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.json.JsonObject;
import org.plurality.json.JsonWriter;
import org.plurality.retention.inventory.Image;

/** JSON for scripts: one document a line. */
public final class JsonOutput {
    private JsonOutput() {}

    public static void print(PrintStream out, JsonObject.Members members) throws PluralityException {
        try {
            out.println(JsonObject.line(members));
        } catch (IOException e) {
            throw new PluralityException(FailureKind.OTHER, "cannot write JSON: " + e.getMessage(), "report this", e);
        }
    }

    /** An image, into the object that is open: its document, where it lies, and its names. */
    public static void writeImage(JsonWriter json, Image image) throws IOException {
        image.entry().document().write(json);
        json.writeStringField("cache", image.cache().layout().root().toString());
        json.writeStringField("path", image.entry().rootfs().toString());
        json.writeStringField("directory", image.entry().directory().toString());
        json.writeArrayFieldStart("names");
        for (ReferenceDocument reference : image.references()) {
            json.writeStartObject();
            json.writeStringField("reference", reference.reference().toString());
            json.writeStringField("platform", reference.platform().toString());
            json.writeStringField("resolvedAt", reference.resolvedAt().toString());
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
