// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers.cli;

import java.util.Optional;
import org.plurality.containers.Container;
import org.plurality.containers.ContainerDocument;
import org.plurality.containers.RunState;
import org.plurality.failure.PluralityException;
import org.plurality.json.JsonObject;
import org.plurality.json.JsonWriter;

/** One container, as {@code list} and {@code status} show it. */
record ContainerView(Container container, Optional<ContainerDocument> document, RunState state)
        implements JsonObject.Members {

    static ContainerView of(Container container, RunState state) throws PluralityException {
        return new ContainerView(container, container.document(), state);
    }

    String pid() {
        return state instanceof RunState.Running running && running.pid() != 0 ? Long.toString(running.pid()) : "-";
    }

    @Override
    public void write(JsonWriter json) {
        json.writeStringField("name", container.name().value());
        json.writeStringField("directory", container.directory().toString());
        document.ifPresent(made -> {
            json.writeStringField("image", made.image());
            json.writeStringField("digest", made.digest().toString());
            json.writeBooleanField("overlay", made.cache() != null);
            json.writeNumberField("bytes", made.bytes());
            json.writeStringField("createdAt", made.createdAt().toString());
        });
        switch (state) {
            case RunState.Created _ -> json.writeStringField("state", "created");
            case RunState.Running running -> {
                json.writeStringField("state", "running");
                json.writeNumberField("pid", running.pid());
                json.writeBooleanField("background", running.background());
                json.writeStringField("since", running.since().toString());
            }
            case RunState.Elsewhere elsewhere -> {
                json.writeStringField("state", "elsewhere");
                json.writeStringField("host", elsewhere.host());
                json.writeStringField("since", elsewhere.since().toString());
            }
            case RunState.Exited exited -> {
                json.writeStringField("state", "exited");
                if (exited.status() != null) {
                    json.writeNumberField("status", exited.status());
                }
            }
        }
    }
}
