package org.plurality.command;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import org.plurality.cache.ReferenceDocument;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.inventory.Image;
import org.plurality.json.JsonObject;

/** JSON for scripts: one document a line. */
final class JsonOutput {
    private JsonOutput() {}

    static void print(PrintStream out, JsonObject.Members members) throws PluralityException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            members.write(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new PluralityException(FailureKind.OTHER, "cannot write JSON: " + e.getMessage(), "report this", e);
        }
        out.println(text);
    }

    /** An image, into the object that is open: its document, where it lies, and its names. */
    static void writeImage(JsonGenerator json, Image image) throws IOException {
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
