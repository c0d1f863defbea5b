// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import org.plurality.json.JsonObject;
import org.plurality.json.JsonWriter;
import org.plurality.process.ProcessIdentity;

/**
 * {@code run.json}: one run of a container.
 *
 * @param process what waits for the runtime, or the runtime itself; says which host and boot
 * @param background whether it has no terminal and writes a log
 * @param runDirectory node-local, with the runtime's state
 * @param startedAt by that host's clock, to show
 */
record RunRecord(ProcessIdentity process, boolean background, Path runDirectory, Instant startedAt)
        implements JsonObject.Members {
    private static final int FORMAT = 1;

    static RunRecord parse(byte[] document) throws IOException {
        JsonObject json = JsonObject.parse(document);
        if (json.number("format") != FORMAT) {
            throw new IOException("its format is " + json.number("format") + ", this version reads " + FORMAT);
        }
        return new RunRecord(
                ProcessIdentity.read(json.object("process")),
                json.flag("background"),
                Path.of(json.string("runDirectory")),
                Instant.ofEpochMilli(json.number("startedAtMillis")));
    }

    byte[] toJson() throws IOException {
        return JsonObject.write(this);
    }

    @Override
    public void write(JsonWriter json) throws IOException {
        json.writeNumberField("format", FORMAT);
        json.writeObjectFieldStart("process");
        process.write(json);
        json.writeEndObject();
        json.writeBooleanField("background", background);
        json.writeStringField("runDirectory", runDirectory.toString());
        json.writeNumberField("startedAtMillis", startedAt.toEpochMilli());
    }
}
