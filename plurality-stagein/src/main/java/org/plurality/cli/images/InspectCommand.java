// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli.images;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.plurality.app.Session;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.arguments.Parameter;
import org.plurality.cli.common.CommonOptions;
import org.plurality.cli.common.JsonOutput;
import org.plurality.config.Settings;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.image.RuntimeConfig;
import org.plurality.json.JsonWriter;
import org.plurality.retention.inventory.Image;
import org.plurality.retention.inventory.Inventory;

public final class InspectCommand implements Command {
    private final Arguments arguments = new Arguments("inspect", "Prints what is known of a staged image, as JSON.");
    private final CommonOptions common = new CommonOptions(arguments);
    private final Parameter<String> wanted =
            arguments.parameter("IMAGE", "A reference, a digest, or the beginning of a digest.");

    private final Session session;

    public InspectCommand(Session session) {
        this.session = session;
    }

    @Override
    public Arguments arguments() {
        return arguments;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = common.settings(session.environment());
        Image image = new Inventory(common.caches(settings)).findNamed(wanted.get(), settings.platform());
        RuntimeConfig config = config(image);
        JsonOutput.print(session.out(), out -> {
            JsonOutput.writeImage(out, image);
            write(out, config);
        });
        return 0;
    }

    private static RuntimeConfig config(Image image) throws PluralityException {
        try {
            return RuntimeConfig.parse(Files.readAllBytes(image.entry().config()));
        } catch (IOException e) {
            throw new PluralityException(
                    FailureKind.STORAGE,
                    "cannot read the configuration of "
                            + image.entry().document().digest() + ": " + PluralityException.reasonOf(e),
                    "run 'plurality-stagein verify' to see whether the image is damaged",
                    e);
        }
    }

    /** Writes what the image sets for programs in it, in the words of the OCI image specification. */
    private static void write(JsonWriter out, RuntimeConfig config) throws IOException {
        out.writeObjectFieldStart("config");
        for (String name : List.of("Env", "Entrypoint", "Cmd")) {
            out.writeArrayFieldStart(name);
            for (String word : config.lists().getOrDefault(name, List.of())) {
                out.writeString(word);
            }
            out.writeEndArray();
        }
        out.writeStringField("WorkingDir", config.texts().getOrDefault("WorkingDir", ""));
        out.writeObjectFieldStart("Labels");
        for (Map.Entry<String, String> label : new TreeMap<>(config.labels()).entrySet()) {
            out.writeStringField(label.getKey(), label.getValue());
        }
        out.writeEndObject();
        out.writeEndObject();
    }
}
