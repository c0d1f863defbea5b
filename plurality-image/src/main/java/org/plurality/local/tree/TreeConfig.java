// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.tree;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.plurality.json.JsonObject;
import org.plurality.json.JsonWriter;
import org.plurality.reference.Digest;
import org.plurality.reference.Platform;

/**
 * What an image that is made of a tree says to a runtime.
 *
 * @param environment {@code NAME=VALUE}
 * @param entrypoint empty for none, likewise the command and the working directory
 */
public record TreeConfig(
        Platform platform,
        List<String> environment,
        List<String> entrypoint,
        List<String> command,
        String workingDirectory,
        SortedMap<String, String> labels) {
    public TreeConfig {
        environment = List.copyOf(environment);
        entrypoint = List.copyOf(entrypoint);
        command = List.copyOf(command);
        labels = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    }

    /** The configuration of a tree that says nothing of itself. */
    public static TreeConfig bare(Platform platform) {
        return new TreeConfig(platform, List.of(), List.of(), List.of(), "", new TreeMap<>());
    }

    byte[] write(Digest diffId) {
        try {
            return JsonObject.line(json -> {
                        json.writeStringField("architecture", platform.architecture());
                        json.writeStringField("os", platform.os());
                        String variant = platform.variant();
                        if (variant != null) {
                            json.writeStringField("variant", variant);
                        }
                        json.writeObjectFieldStart("config");
                        writeList(json, "Env", environment);
                        writeList(json, "Entrypoint", entrypoint);
                        writeList(json, "Cmd", command);
                        if (!workingDirectory.isEmpty()) {
                            json.writeStringField("WorkingDir", workingDirectory);
                        }
                        if (!labels.isEmpty()) {
                            json.writeObjectFieldStart("Labels");
                            for (Map.Entry<String, String> label : labels.entrySet()) {
                                json.writeStringField(label.getKey(), label.getValue());
                            }
                            json.writeEndObject();
                        }
                        json.writeEndObject();
                        json.writeObjectFieldStart("rootfs");
                        json.writeStringField("type", "layers");
                        writeList(json, "diff_ids", List.of(diffId.toString()));
                        json.writeEndObject();
                    })
                    .getBytes(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("writes into memory", e);
        }
    }

    private static void writeList(JsonWriter json, String name, List<String> values) {
        if (!values.isEmpty()) {
            json.writeArrayFieldStart(name);
            values.forEach(json::writeString);
            json.writeEndArray();
        }
    }
}
